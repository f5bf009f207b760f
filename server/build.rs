//! The dashboard is compiled in from `web/dist`. Where it was not built, a page that says how takes its place, so that the
//! coordinator builds without Node.js.

use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><title>Nascent</title><p>The dashboard was not built: run \
    <code>make build</code>. The API is described at <a href=\"/docs\">/docs</a>.</p></html>\n";

fn main() -> std::io::Result<()> {
    let dist = Path::new("../web/dist");
    println!("cargo:rerun-if-changed=../web/dist");
    if !dist.join("index.html").exists() {
        std::fs::create_dir_all(dist)?;
        std::fs::write(dist.join("index.html"), PLACEHOLDER)?;
    }
    Ok(())
}
