//! A web listener that writes down what it is asked, and a "browser" that asks it.
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub struct Web {
    pub address: String,
    seen: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Web {
    pub fn listen(ip: &str) -> Web {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen: Arc<Mutex<Vec<(Instant, String)>>> = Arc::default();
        let notes = seen.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
                notes.lock().unwrap().push((Instant::now(), path));
                let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
            }
        });
        Web { address, seen }
    }

    /// Paths asked for so far.
    pub fn asked(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|(_, path)| path.clone()).collect()
    }

    /// Waits for the first request.
    pub fn first(&self) -> String {
        crate::eventually("the page is asked for", Duration::from_secs(10), || {
            self.asked().into_iter().next()
        })
    }

    pub fn first_at(&self) -> Instant {
        self.first();
        self.seen.lock().unwrap()[0].0
    }
}

/// A program that does what a browser does with an address: fetches it. For `$BROWSER`.
pub fn browser(folder: &Path) -> PathBuf {
    let path = folder.join("browser");
    std::fs::write(
        &path,
        "#!/bin/sh\nexec curl --silent --globoff --max-time 10 --output /dev/null -- \"$1\"\n",
    )
    .unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    path
}
