//! Builds the C++ bridge, and links the worker so that one binary serves CPU and CUDA: `libtorch.so` stays in the list
//! of needed libraries although no symbol of it is used, because it is what loads the CUDA half where there is one.

use std::env;
use std::path::{Path, PathBuf};

/// Kernels by instruction set: a file and the compiler's flags for it. On other processors the first alone.
const KERNELS: [(&str, &[&str]); 3] = [
    ("portable", &[]),
    ("avx2", &["-mavx2", "-mfma"]),
    (
        "avx512",
        &["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mavx2", "-mfma", "-mprefer-vector-width=512"],
    ),
];

fn main() {
    println!("cargo:rerun-if-changed=bridge");
    for name in ["LIBTORCH", "LIBTORCH_INCLUDE", "LIBTORCH_CXX11_ABI"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    build_bridge();
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    println!("cargo:rustc-link-arg=-Wl,--no-as-needed,-ltorch,--as-needed");
    if let Ok(libtorch) = env::var("LIBTORCH") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
    }
    println!("cargo:rustc-link-arg=-Wl,-rpath,$ORIGIN/lib");
}

/// The folder that holds libtorch's `include`: torch-sys found the libraries beside it.
fn libtorch() -> PathBuf {
    if let Some(given) = env::var_os("LIBTORCH_INCLUDE") {
        return given.into();
    }
    let libraries = env::var_os("DEP_TCH_LIBTORCH_LIB").map(PathBuf::from).unwrap_or_else(|| "/usr/lib".into());
    libraries.parent().map(Path::to_owned).unwrap_or_else(|| "/usr".into())
}

fn build_bridge() {
    let include = libtorch().join("include");
    let abi = env::var("LIBTORCH_CXX11_ABI").unwrap_or_else(|_| "1".to_owned());
    compiler()
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .define("_GLIBCXX_USE_CXX11_ABI", abi.as_str())
        .flag_if_supported("-fopenmp")
        .opt_level(2)
        .file("bridge/bridge.cpp")
        .compile("nascent_bridge");
    let x86 = env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("x86_64");
    for (name, flags) in KERNELS.iter().take(if x86 { KERNELS.len() } else { 1 }) {
        let library = format!("nascent_kernels_{name}");
        let mut kernels = compiler();
        // Kernels are fast in debug builds as well: tests train whole networks.
        kernels.opt_level(3).file(format!("bridge/isa_{name}.cpp"));
        flags.iter().for_each(|flag| {
            kernels.flag(flag);
        });
        kernels.compile(&library);
    }
}

fn compiler() -> cc::Build {
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").pic(true).warnings(false);
    build
}
