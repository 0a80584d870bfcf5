# Runs on Windows what can run there: the checks, the unit tests and the interface's tests. See ./test for the rest.
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
if (-not (Get-Command cargo -ErrorAction SilentlyContinue)) { throw 'Rust is missing. Install it with rustup (stable, MSVC), then start again.' }
npm.cmd --prefix ui ci --no-audit --no-fund
if ($LASTEXITCODE -ne 0) { throw 'npm ci failed in ui.' }
cargo xtask test quick
exit $LASTEXITCODE
