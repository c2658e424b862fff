"""Write the published documents of the public events anew: `python docs/api/generate.py`."""
# ruff: noqa: INP001 - a script beside what it writes, not a package

from pathlib import Path

from consign.projections.public_event_documents import documents


def main() -> None:
    """Write every document, and remove the schemas of events that are no more."""
    folder = Path(__file__).parent
    texts = documents()
    (folder / "public-events").mkdir(exist_ok=True)
    for path in (folder / "public-events").glob("*.schema.json"):
        if f"public-events/{path.name}" not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
