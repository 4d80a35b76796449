//! A server that speaks as AWS does, on a port of its own, for as long as a
//! test needs it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::Credentials;
use aws_sdk_sts::config::SharedCredentialsProvider;

use super::peers;

/// The account in which everybody is who asks it.
pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "eu-central-1";

/// A running server.
pub(crate) struct Moto {
    process: Child,
    pub(crate) url: String,
}

impl Moto {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(peers::program("moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("MOTO_ACCOUNT_ID", ACCOUNT)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It says where it listens, and then each request.
        let lines = BufReader::new(process.stderr.take().unwrap());
        let mut lines = lines.lines().map_while(Result::ok);
        let url = lines
            .find_map(|line| line.split_once("Running on ").map(|(_, url)| url.trim().to_owned()))
            .expect("moto_server does not say where it listens");
        std::thread::spawn(move || lines.for_each(drop));
        Self { process, url }
    }

    /// A configuration for it, or for something between.
    pub(crate) fn config_at(url: &str) -> SdkConfig {
        let credentials = Credentials::new("TEST", "TEST", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(url)
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }

    pub(crate) fn config(&self) -> SdkConfig {
        Self::config_at(&self.url)
    }

    /// A configuration with somebody's own credentials.
    pub(crate) fn config_of(&self, id: &str, secret: &str) -> SdkConfig {
        let credentials = Credentials::new(id, secret, None, None, "test");
        let provider = SharedCredentialsProvider::new(credentials);
        self.config().into_builder().credentials_provider(provider).build()
    }

    /// From now on it holds everybody to their permissions.
    pub(crate) fn demand_permissions(&self) {
        use std::io::{Read as _, Write as _};
        let server = self.url.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(server).unwrap();
        let head = "POST /moto-api/reset-auth HTTP/1.1\r\nHost: moto\r\nContent-Length: 1\r\n\
                    Connection: close\r\n\r\n0";
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("200"), "{answer}");
    }

    /// What somebody sets to use it with other programs.
    pub(crate) fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT_URL", self.url.clone()),
            ("AWS_ACCESS_KEY_ID", "TEST".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "TEST".to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// What `aws` says.
    pub(crate) fn aws(&self, words: &[&str]) -> String {
        let output = Command::new(peers::program("aws"))
            .args(words)
            .envs(self.variables())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end_matches('\n').to_owned()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
