#!/bin/sh
# Makes an environment from the lock: install.sh PYTHON FOLDER
# uv does in seconds what pip does in a minute. It is in the lock itself: pip gets it for the first environment, and where
# uv reaches no index, pip gets everything. Without bytecode: compiled is what is imported, which is a part of it.
set -eu
cd "$(dirname "$0")/.."
python=$1 venv=$2
quiet=--quiet
if [ -t 2 ]; then quiet=; fi

with_pip() {
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input install --root-user-action ignore --no-deps --use-pep517 --no-compile "$@"
}

with_uv() {
  "$uv" pip install $quiet --python "$venv/bin/python" --no-deps "$@"
}

install_with() {  # the older MNS client goes into a folder of its own: it and the new one share the module name `mns`
  "$1" --require-hashes -r requirements/dev.txt &&
    "$1" --quiet --no-build-isolation -e . &&
    "$1" --quiet --no-build-isolation --require-hashes --target "$venv/aliyun-mns" -r requirements/aliyun-mns.txt
}

make_with_uv() {  # that of another environment, or the locked one, got into this one
  uv=$(ls -d .venv*/bin/uv 2>/dev/null | grep -vxF "$venv/bin/uv" | head -n 1)
  if [ -n "$uv" ]; then
    "$uv" venv --quiet --clear --python "$python" "$venv"
  else
    uv=$venv/bin/uv
    "$python" -m venv --clear "$venv" &&
      awk '/^[a-z]/ { wanted = /^uv==/ } wanted' requirements/dev.txt > "$venv/uv.txt" &&
      with_pip --quiet --quiet --require-hashes -r "$venv/uv.txt"
  fi
}

# uv reads none of pip's settings, and trusts what the machine trusts only when it is told to (each name in its time).
export UV_NATIVE_TLS=true UV_SYSTEM_CERTS=true
index=${UV_DEFAULT_INDEX:-${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}}
if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi

if ! { make_with_uv && install_with with_uv; }; then
  echo "  uv got nowhere; now with pip, which takes some minutes"
  "$python" -m venv --clear "$venv"
  install_with with_pip
fi
