"""A real browser: the one that the machine has, found on PATH or named by CONSIGN_CHROMIUM."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = ViewportSize(width=390, height=844)


def _program() -> str:
    """Return the browser's program; without one the test is skipped, or fails where one is required."""
    found = os.environ.get("CONSIGN_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        told = "NOT CHECKED: there is no chromium here; `apt-get install chromium`, or name one by CONSIGN_CHROMIUM"
        if os.environ.get("CONSIGN_BROWSER_REQUIRED"):
            pytest.fail(told)
        pytest.skip(told)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the browser, without a window."""
    program = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def new_page(browser: Browser) -> Iterator[Page]:
    """Open a page of a browser that knows nothing yet; whatever it complains of in the end fails the test."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda told: complaints.append(told.text) if "Content Security Policy" in told.text else None)
    try:
        yield page
        assert complaints == []
    finally:
        context.close()
