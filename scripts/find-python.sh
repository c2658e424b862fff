#!/bin/sh
# Prints the path of a Python that can run consign: 3.13 is preferred for speed, 3.12 or 3.14 will do.
# Candidates are tried, not trusted: a pyenv shim may stand on PATH and yet run nothing.
set -u
IFS='
' # folders may have blanks in their names
cd "$(dirname "$0")/.."
export UV_SYSTEM_CERTS=1 # trust what the machine trusts, as pip does

fits() {
    "$1" -c "import sys; ok = sys.version_info[:2] == ($2); import ctypes, ssl, venv; sys.exit(not ok)" >/dev/null 2>&1
}

# Where pyenv keeps what it installed: beside its shims too, so that a changed HOME does not hide it.
pyenv_roots() {
    printf '%s\n' "${PYENV_ROOT:-$HOME/.pyenv}"
    printf '%s\n' "$PATH" | tr ':' '\n' | sed -n 's,/shims/*$,,p'
}

installed() {
    pyenv_roots | while IFS= read -r root; do
        printf '%s\n' "$root/versions/3.$1."*/bin/python
    done
}

for version in 13 12 14; do
    for candidate in "${PYTHON:-}" "python3.$version" python3 python \
        $(installed "$version") \
        "$HOME"/.local/share/uv/python/cpython-3.$version.*/bin/python \
        /opt/homebrew/bin/python3.$version /usr/local/bin/python3.$version \
        /Library/Frameworks/Python.framework/Versions/3.$version/bin/python3; do
        if [ -n "$candidate" ] && fits "$candidate" "3, $version"; then
            "$candidate" -c 'import sys; print(sys.executable)'
            exit 0
        fi
    done
done

echo "No Python 3.12 or later found; fetching Python 3.13 with uv." >&2
if uv=$(scripts/find-uv.sh) && "$uv" python install --quiet 3.13 && found=$("$uv" python find --managed-python 3.13) \
    && fits "$found" "3, 13"; then
    echo "$found"
    exit 0
fi
echo "consign needs Python 3.12 or later (3.13 is best), and none could be found or fetched: install one, or name it with PYTHON=/path/to/python3.13 make" >&2
exit 2
