//! Build script: Tauri's manifest of commands, and a placeholder page so that a bare `cargo build` works on a fresh clone.
use std::path::Path;
use tauri_build::{AppManifest, Attributes};

/// Every command of the shell; what is not granted to a window in tauri.conf.json is refused. (The grants stand there and not in
/// files of their own: only so does `removeUnusedCommands` find them.)
const COMMANDS: &[&str] = &[
    "request",
    "subscribe",
    "show_window",
    "hide_window",
    "quit",
    "card_height",
];

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Parley</title>\
    <p>The interface is not built yet. Start Parley with <code>./run</code>, which builds it.</p></html>\n";

fn main() {
    let page = Path::new("ui/dist/index.html");
    if !page.exists() {
        let written = std::fs::create_dir_all("ui/dist").and_then(|()| std::fs::write(page, PLACEHOLDER));
        if let Err(why) = written {
            println!("cargo:warning=cannot write {}: {why}", page.display());
        }
    }
    println!("cargo:rerun-if-changed=icons");
    let attributes = Attributes::new().app_manifest(AppManifest::new().commands(COMMANDS));
    if let Err(why) = tauri_build::try_build(attributes) {
        println!("cargo:warning={why:#}");
        std::process::exit(1);
    }
}
