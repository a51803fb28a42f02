#!/bin/sh
# Installs the CPU build of torch with the given pip: from PyTorch's own CPU index when it answers (the default index
# brings gigabytes of CUDA on Linux), else from the default index.
#   scripts/install_torch.sh .venv/bin/pip
set -eu
pip=${1:?usage: scripts/install_torch.sh PIP}
version=$(sed -n 's/^torch==//p' "$(dirname "$0")/../constraints.txt")

case "$("$pip" show torch 2>/dev/null | sed -n 's/^Version: //p')" in
    "$version" | "$version"+*) exit 0 ;;
esac
if [ "$(uname -s)" = Linux ]; then
    # Without dependencies: those come from the default index, with everything else.
    "$pip" install --quiet --no-deps --retries 1 --timeout 5 \
        --index-url https://download.pytorch.org/whl/cpu "torch==$version" 2>/dev/null && exit 0
    echo "PyTorch's CPU index does not answer; installing torch from the default index" >&2
fi
exec "$pip" install --quiet "torch==$version"
