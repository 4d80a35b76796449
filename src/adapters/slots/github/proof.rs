//! A workflow that signs, as proof that a secret of GitHub Actions is what was
//! put there.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value as Json, json};
use tokio::time::{Instant, sleep};

use super::GithubSlot;
use super::answer::{list, number, text};
use crate::engine::place::PlaceError;

/// The most jobs of a run whose logs are read.
const JOBS: usize = 10;
/// What stands before the signature in the log of the workflow.
const MARK: &str = "KEYRITE-SIGNATURE ";

impl GithubSlot {
    /// Lets the workflow sign the nonce with the secret of that version.
    /// Absent where none is declared; an organisation has none.
    pub(super) async fn signature(
        &self,
        nonce: &str,
        version: &str,
    ) -> Result<Option<Vec<u8>>, PlaceError> {
        let Some(workflow) = &self.workflow else { return Ok(None) };
        let looked = self.look().await?;
        let Some(branch) = &looked.recognised.branch else { return Ok(None) };
        let name = version.split_once('@').map_or(version, |(name, _)| name);
        let suffix = name.strip_prefix(&self.name).unwrap_or_default();
        // A run of an attempt before this one serves as well.
        let mut run = self.run(workflow, nonce, true).await?;
        if run.is_none() {
            let inputs = json!({ "nonce": nonce, "suffix": suffix });
            let body = [("ref".to_owned(), json!(branch)), ("inputs".to_owned(), inputs)];
            let body = body.into_iter().collect();
            let parts = ["actions", "workflows", workflow, "dispatches"];
            let url = self.place.of_repository(&self.api, &parts);
            match self.api.ask(Method::POST, url, Some(&body)).await {
                Ok(answer) => self.api.good(answer).map(|_| ())?,
                // Whether there is a run is seen below.
                Err(PlaceError::InDoubt { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let patience = self.api.patience();
        let until = Instant::now() + patience.proof;
        loop {
            if let Some(found) = &run
                && text(found, "status") == "completed"
            {
                break;
            }
            if Instant::now() >= until {
                let minutes = patience.proof.as_secs() / 60;
                let why = format!("{workflow} has not ended within {minutes} minutes");
                return Err(self.api.unreachable(&why));
            }
            sleep(patience.pause).await;
            run = self.run(workflow, nonce, false).await?;
        }
        let run = run.unwrap_or_default();
        let (conclusion, page) = (text(&run, "conclusion"), text(&run, "html_url"));
        if conclusion != "success" {
            let why = format!("{workflow} ended as {conclusion}: see {page}");
            return Err(self.api.unfit(why));
        }
        self.logged(&run).await.map(Some)
    }

    /// The newest run for that nonce; one that may still help, where that is
    /// asked for.
    async fn run(
        &self,
        workflow: &str,
        nonce: &str,
        is_useful: bool,
    ) -> Result<Option<Json>, PlaceError> {
        let parts = ["actions", "workflows", workflow, "runs"];
        let mut url = self.place.of_repository(&self.api, &parts);
        url.query_pairs_mut()
            .append_pair("event", "workflow_dispatch")
            .append_pair("per_page", "50");
        let found = self.api.good(self.api.get(url).await?)?.json();
        let runs = list(&found, "workflow_runs");
        let is_one = |run: &Json| {
            let is_over = text(run, "status") == "completed";
            let has_failed = is_over && text(run, "conclusion") != "success";
            text(run, "display_title").contains(nonce) && !(is_useful && has_failed)
        };
        Ok(runs.into_iter().filter(is_one).max_by_key(|run| run.get("id").and_then(Json::as_u64)))
    }

    async fn logged(&self, run: &Json) -> Result<Vec<u8>, PlaceError> {
        let id = number(run, "id");
        let url = self.place.of_repository(&self.api, &["actions", "runs", &id, "jobs"]);
        let found = self.api.good(self.api.get(url).await?)?.json();
        for job in list(&found, "jobs").into_iter().take(JOBS) {
            let id = number(&job, "id");
            let url = self.place.of_repository(&self.api, &["actions", "jobs", &id, "logs"]);
            let answer = self.api.get(url).await?;
            let answer = match answer.location() {
                Some(elsewhere) => self.api.fetch(elsewhere).await?,
                None => answer,
            };
            let log = self.api.good(answer)?.into_bytes();
            if let Some(signature) = signature_in(&String::from_utf8_lossy(&log)) {
                return Ok(signature);
            }
        }
        Err(self.api.unfit("the log of the workflow has no signature"))
    }
}

/// The last signature of a log; each line has its time before it.
fn signature_in(log: &str) -> Option<Vec<u8>> {
    let after = |line: &str| Some(line.split_once(MARK)?.1.trim().to_owned());
    let decoded = |text: String| STANDARD.decode(text).ok().filter(|bytes| !bytes.is_empty());
    log.lines().rev().filter_map(after).find_map(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_told_from_the_command_that_prints_it() {
        let log = "2026-01-05T00:00:00.1Z ##[group]Run set -eu\r\n\
                   2026-01-05T00:00:00.1Z printf 'KEYRITE-SIGNATURE %s\\n' \"$(base64 -w0)\"\r\n\
                   2026-01-05T00:00:01.2Z KEYRITE-SIGNATURE aGVsbG8=\r\n\
                   2026-01-05T00:00:01.3Z KEYRITE-SIGNATURE ***\r\n";
        assert_eq!(signature_in(log), Some(b"hello".to_vec()));
        assert_eq!(signature_in("KEYRITE-SIGNATURE \n"), None);
    }
}
