#!/usr/bin/env bash
# Puts libtorch 2.11.0 (CPU) into .libtorch/, taken from the PyPI wheels and checked by hash.
# Does nothing when it is already there. LIBTORCH=/path skips it altogether.
set -euo pipefail
cd "$(dirname "$0")/.."

dest=${NASCENT_LIBTORCH_DIR:-.libtorch}
stamp="torch-2.11.0-cpu-1"
[ -n "${LIBTORCH:-}" ] && [ "$LIBTORCH" != "$PWD/$dest" ] && { echo "libtorch: using LIBTORCH=$LIBTORCH"; exit 0; }
[ "$(cat "$dest/.stamp" 2>/dev/null)" = "$stamp" ] && exit 0
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) ;;
  *) echo "libtorch: no automatic set-up for $(uname -s) $(uname -m); install torch 2.11.0 for Python and set LIBTORCH to its folder" >&2; exit 1 ;;
esac

cache=${NASCENT_DOWNLOADS:-.downloads}
mkdir -p "$cache"
fetch() { # fetch REQUIREMENT FILE SHA256 PLATFORM
  if ! echo "$3  $cache/$2" | sha256sum --check --status 2>/dev/null; then
    echo "libtorch: downloading $1"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
      --implementation cp --python-version 3.11 --abi cp311 --abi none --platform "$4" --dest "$cache" "$1"
    echo "$3  $cache/$2" | sha256sum --check --status || { echo "libtorch: $2 does not have the expected sha256" >&2; exit 1; }
  fi
}
torch_wheel=torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl
cudart_wheel=nvidia_cuda_runtime-13.0.96-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl
cupti_wheel=nvidia_cuda_cupti-13.0.85-py3-none-manylinux_2_25_x86_64.whl
fetch torch==2.11.0 "$torch_wheel" 7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a manylinux_2_28_x86_64
fetch nvidia-cuda-runtime==13.0.96 "$cudart_wheel" 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548 manylinux_2_17_x86_64
fetch nvidia-cuda-cupti==13.0.85 "$cupti_wheel" 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8 manylinux_2_25_x86_64

# libtorch_cpu.so itself links cudart and cupti, so the two small CUDA wheels are needed without a GPU too.
rm -rf "$dest.tmp" && mkdir -p "$dest.tmp/lib"
python3 - "$dest.tmp" "$cache/$torch_wheel" "$cache/$cudart_wheel" "$cache/$cupti_wheel" <<'PY'
import pathlib, shutil, sys, zipfile
dest, *wheels = map(pathlib.Path, sys.argv[1:])
wanted = {"libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"}
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = pathlib.PurePosixPath(name)
            if name.startswith("torch/include/") and not name.endswith("/"):
                target = dest / pathlib.PurePosixPath(name).relative_to("torch")
            elif path.name in wanted:
                target = dest / "lib" / path.name
            else:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(name) as source, open(target, "wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
PY
# The wheel's own libtorch.so needs the CUDA half; an empty one that only pulls in the CPU half replaces it.
cc -shared -o "$dest.tmp/lib/libtorch.so" -Wl,--no-as-needed -L"$dest.tmp/lib" -l:libtorch_cpu.so -l:libc10.so \
  -Wl,-rpath,'$ORIGIN' -Wl,-rpath-link,"$dest.tmp/lib"
echo "$stamp" > "$dest.tmp/.stamp"
rm -rf "$dest" && mv "$dest.tmp" "$dest"
[ -n "${NASCENT_KEEP_WHEELS:-}" ] || rm -f "$cache/$torch_wheel"
echo "libtorch: ready in $dest"
