# Builds Parley and opens it on Windows, on a machine that has only Rust. See ./run for the other systems.
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Say($text) { Write-Host "==> $text" -ForegroundColor Cyan }
function Have($program) { [bool](Get-Command $program -ErrorAction SilentlyContinue) }
function Install-Missing($program, $package, $why) {
    if (Have $program) { return }
    if (-not (Have winget)) { throw "$program is missing ($why) and winget is not here to install it. Install $program, then start again." }
    Say "Missing ($why): $package"
    winget install --exact --silent --accept-package-agreements --accept-source-agreements --id $package
    if ($LASTEXITCODE -ne 0) { throw "$package could not be installed." }
    $env:Path = [Environment]::GetEnvironmentVariable('Path', 'Machine') + ';' + [Environment]::GetEnvironmentVariable('Path', 'User')
}
function Run($program) {
    & $program @args
    if ($LASTEXITCODE -ne 0) { throw "$program $args failed ($LASTEXITCODE)." }
}

if (-not (Have cargo)) { throw 'Rust is missing. Install it with rustup (stable, MSVC), then start again.' }
Install-Missing cmake 'Kitware.CMake' 'cmake, for the audio codecs'
Install-Missing node 'OpenJS.NodeJS.LTS' 'the interface is built with Node'
$webview = 'HKLM:\SOFTWARE\WOW6432Node\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}'
if (-not (Test-Path $webview)) {
    Say 'Missing (the window): WebView2'
    winget install --exact --silent --accept-package-agreements --accept-source-agreements --id Microsoft.EdgeWebView2Runtime
}

Say "Fetching the interface's packages"
Run npm.cmd --prefix ui ci --no-audit --no-fund
Say 'Building the interface'
Run npm.cmd --prefix ui run build
Say 'Building Parley (the first time takes a while)'
Run cargo build --release
Say 'Opening Parley'
$target = if ($env:CARGO_TARGET_DIR) { $env:CARGO_TARGET_DIR } else { 'target' }
Start-Process (Join-Path $target 'release/parley.exe') -ArgumentList $args
