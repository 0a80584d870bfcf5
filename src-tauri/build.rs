//! Build script: Tauri's manifest of commands, and a placeholder page so that a bare `cargo build` works on a fresh clone.
use tauri_build::{AppManifest, Attributes};

fn main() {
    let dist = std::path::Path::new("ui/dist");
    if !dist.join("index.html").exists() {
        let page = "<!doctype html><title>Parley</title><p>The interface is not built. Run ./run";
        if let Err(error) = std::fs::create_dir_all(dist).and_then(|()| std::fs::write(dist.join("index.html"), page)) {
            println!("cargo:warning=cannot write ui/dist/index.html: {error}");
        }
    }
    let attributes = Attributes::new()
        .capabilities_path_pattern("src-tauri/capabilities/**/*")
        .app_manifest(AppManifest::new().commands(&["request", "subscribe"]));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
