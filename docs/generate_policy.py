"""Write the policy as a page: `python docs/generate_policy.py`."""
# ruff: noqa: INP001 - a script beside what it writes, not a package

from pathlib import Path

from consign.http.policy_document import policy_document

if __name__ == "__main__":
    Path(__file__).with_name("policy.md").write_text(policy_document())
