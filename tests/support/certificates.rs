//! Certificates for the servers of the tests.
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::io::Write;
use std::process::{Command, Stdio};

/// A certificate with its key, both as PEM.
#[derive(Clone)]
pub struct Certificate {
    pub pem: String,
    pub key: String,
}

impl Certificate {
    /// SHA-256 of it, octets with colons between them, as `openssl` shows it: what an administrator reads out.
    pub fn fingerprint(&self) -> String {
        let mut openssl = Command::new("openssl")
            .args(["x509", "-noout", "-fingerprint", "-sha256"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = openssl.stdin.take().unwrap();
        input.write_all(self.pem.as_bytes()).unwrap();
        drop(input);
        let said = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
        said.trim().rsplit('=').next().unwrap().to_owned()
    }
}

/// An authority nobody knows until its certificate is shown to them.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its certificate as PEM.
    pub pem: String,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    /// A certificate for these host names and addresses.
    pub fn certify(&self, names: &[&str]) -> Certificate {
        let (params, key) = server(names);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certificate {
            pem: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A certificate that vouches for itself, as small exchanges have it.
pub fn self_signed(names: &[&str]) -> Certificate {
    let (params, key) = server(names);
    Certificate {
        pem: params.self_signed(&key).unwrap().pem(),
        key: key.serialize_pem(),
    }
}

fn server(names: &[&str]) -> (CertificateParams, KeyPair) {
    let mut params = CertificateParams::new(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap();
    params.distinguished_name.push(DnType::CommonName, names[0]);
    (params, KeyPair::generate().unwrap())
}
