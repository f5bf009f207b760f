#!/usr/bin/env python3
"""Unpacks the Python half of a CUDA wheel of torch so that it runs on the CPU without any CUDA library.

    torch_without_cuda.py WHEEL LIBTORCH_LIB SITE_PACKAGES

`libtorch_python.so` names symbols of `libtorch_cuda.so` that a process without a GPU never calls. An assembled stand-in
defines them: functions that return a pointer to zeros, type descriptions without members.
"""
import pathlib
import re
import subprocess
import sys
import zipfile

SKIPPED = re.compile(r"torch/(include|bin(?!/torch_shm_manager)|test)/|nvshmem|libtorch_cuda|libtorch_cpu|libc10\.so|libgomp")
SHARED = ["libtorch_cpu.so", "libtorch.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"]
EMPTY = ["libcudnn.so.9", "libcufile.so.0"]


def unpack(wheel, site):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if not SKIPPED.search(name) and not name.endswith("torch/lib/libtorch.so"):
                archive.extract(name, site)
    (site / "torch/bin/torch_shm_manager").chmod(0o755)


def symbols(library, which):
    """Names (without versions) and versions of a library's dynamic symbols."""
    output = subprocess.run(["nm", "-D", which, str(library)], capture_output=True, text=True, check=True).stdout
    return {tuple((line.split()[-1] + "@").split("@")[:2]) for line in output.splitlines() if " w " not in line}


def missing(lib):
    """What the Python half needs and nobody has."""
    needed = {name for file in ["libtorch_python.so", "libc10_cuda.so"]
              for name, version in symbols(lib / file, "--undefined-only")
              if not re.match(r"(GLIBC|GLIBCXX|GCC|CXXABI)_", version) and not re.match(r"_?Py", name)}
    system = [subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True).stdout.strip()
              for name in ["libstdc++.so.6", "libgcc_s.so.1", "libm.so.6", "libc.so.6"]]
    ours = [lib / name for name in ["libtorch_cpu.so", "libc10.so", "libc10_cuda.so", "libshm.so", "libcudart.so.13"]]
    defined = {name for library in [*ours, *system] for name, _ in symbols(library, "--defined-only")}
    return sorted(needed - defined)


def assembly(names):
    lines = [".bss", ".balign 64", "zeros: .zero 65536"]
    for name in names:
        if name.startswith("_ZTI"):
            lines += [".data", f"{name}.name: .asciz \"{name[4:]}\"", ".balign 64", f".globl {name}",
                      f"{name}: .quad _ZTVN10__cxxabiv117__class_type_infoE+16, {name}.name"]
        elif name.startswith("_ZT"):
            lines += [".data", ".balign 64", f".globl {name}", f"{name}: .zero 256"]
        else:
            lines += [".text", f".globl {name}", f".type {name},@function", f"{name}: lea zeros(%rip), %rax", "ret"]
    return "\n".join([*lines, '.section .note.GNU-stack,"",@progbits', ""])


def build(target, source):
    command = ["c++", "-shared", "-x", "assembler", "-", "-o", str(target), f"-Wl,-soname,{target.name}"]
    subprocess.run(command, input=source, text=True, check=True)


def main():
    wheel, libraries, site = (pathlib.Path(argument) for argument in sys.argv[1:4])
    unpack(wheel, site)
    lib = site / "torch/lib"
    for name in SHARED:
        (lib / name).unlink(missing_ok=True)
        (lib / name).symlink_to((libraries / name).resolve())
    for name in EMPTY:
        build(lib / name, assembly([]))
    build(lib / "libtorch_cuda.so", assembly(missing(lib)))


if __name__ == "__main__":
    main()
