//! Where a secret of GitHub Actions is, and what is seen there: names and
//! times, never values.

use std::collections::BTreeMap;

use reqwest::Url;
use serde_json::Value as Json;

use super::answer::{list, number, text};
use super::api::Api;
use crate::domain::text::VisibleText;
use crate::engine::place::PlaceError;

/// How many names a page has at the most.
const PAGE: usize = 100;
/// More pages than any place has secrets for.
const PAGES: usize = 20;

/// A repository, an environment of one, or an organisation.
pub(in crate::adapters::slots) struct GithubPlace {
    pub(in crate::adapters::slots) owner: String,
    pub(in crate::adapters::slots) repository: Option<String>,
    pub(in crate::adapters::slots) environment: Option<String>,
    /// The number that a new name does not change.
    pub(in crate::adapters::slots) number: Option<String>,
    /// Of a repository, who sees it; of an organisation, which repositories
    /// see the secret.
    pub(in crate::adapters::slots) visibility: Option<String>,
}

/// A place that was recognised.
pub(in crate::adapters::slots) struct Recognised {
    /// In words.
    pub(in crate::adapters::slots) fact: String,
    /// The branch that workflows are taken from; none of an organisation.
    pub(in crate::adapters::slots) branch: Option<String>,
}

/// A secret or a variable, without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adapters::slots) struct Listed {
    /// When it was written last.
    pub(in crate::adapters::slots) updated: String,
    /// Which repositories see it, of an organisation's.
    pub(in crate::adapters::slots) visibility: Option<String>,
}

impl Listed {
    fn read(json: &Json) -> Self {
        let visibility = json.get("visibility").and_then(Json::as_str).map(str::to_owned);
        Self { updated: text(json, "updated_at").to_owned(), visibility }
    }
}

impl GithubPlace {
    pub(super) fn is_organisation(&self) -> bool {
        self.repository.is_none()
    }

    /// The beginning of the addresses of its repository or organisation.
    fn root(&self) -> Vec<&str> {
        match &self.repository {
            Some(repository) => vec!["repos", &self.owner, repository],
            None => vec!["orgs", &self.owner],
        }
    }

    /// The address of something of the repository.
    pub(super) fn of_repository(&self, api: &Api, parts: &[&str]) -> Url {
        api.url(self.root().into_iter().chain(parts.iter().copied()))
    }

    /// The address of its `secrets` or `variables`, or of one of them.
    pub(super) fn of(&self, api: &Api, parts: &[&str]) -> Url {
        let scope = match &self.environment {
            Some(environment) => vec!["environments", environment],
            None => vec!["actions"],
        };
        api.url(self.root().into_iter().chain(scope).chain(parts.iter().copied()))
    }

    /// Sees that it is the one that is declared, before anything is sent.
    pub(super) async fn recognise(&self, api: &Api) -> Result<Recognised, PlaceError> {
        let found = api.good(api.get(api.url(self.root())).await?)?.json();
        let number = number(&found, "id");
        let (noun, setting, wanted, name) = match &self.repository {
            Some(repository) => {
                let wanted = format!("{}/{repository}", self.owner);
                ("repository", "repository_id", wanted, text(&found, "full_name"))
            }
            None => ("organisation", "organisation_id", self.owner.clone(), text(&found, "login")),
        };
        if !name.eq_ignore_ascii_case(&wanted) {
            return Err(api.other(&format!("the {noun} is called {name} now")));
        }
        match &self.number {
            Some(pinned) if *pinned == number => {}
            Some(pinned) => {
                return Err(api.other(&format!("its number is {number}, and not {pinned}")));
            }
            None => {
                return Err(api.unfit(format!(
                    "its number is not pinned: look at the {noun}, and if it is the right one \
                     write {setting} = \"{number}\" into keyrite.toml"
                )));
            }
        }
        let visibility = text(&found, "visibility");
        if !self.is_organisation() && self.visibility.as_deref() != Some(visibility) {
            return Err(match &self.visibility {
                Some(pinned) => api.other(&format!("it is {visibility}, and not {pinned}")),
                None => api.unfit(format!(
                    "write visibility = \"{visibility}\" into keyrite.toml, if that is as it \
                     should be"
                )),
            });
        }
        if let Some(environment) = &self.environment {
            let url = self.of_repository(api, &["environments", environment]);
            let found = api.good(api.get(url).await?)?.json();
            let name = text(&found, "name");
            if name != environment {
                return Err(api.other(&format!("the environment is called {name}")));
            }
        }
        let branch = found.get("default_branch").and_then(Json::as_str).map(str::to_owned);
        let fact = format!("{noun} {name}, number {number}");
        Ok(Recognised { fact: VisibleText::from_text(&fact).into_string(), branch })
    }

    /// The secrets that are there, those whose names `is_one` takes.
    pub(super) async fn secrets(
        &self,
        api: &Api,
        is_one: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Listed>, PlaceError> {
        let mut secrets = BTreeMap::new();
        for json in pages(api, &self.of(api, &["secrets"]), "secrets").await? {
            let name = text(&json, "name");
            if is_one(name) {
                secrets.insert(name.to_owned(), Listed::read(&json));
            }
        }
        Ok(secrets)
    }

    /// One secret; absent where there is none of that name.
    pub(super) async fn secret(&self, api: &Api, name: &str) -> Result<Option<Listed>, PlaceError> {
        let answer = api.get(self.of(api, &["secrets", name])).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        Ok(Some(Listed::read(&api.good(answer)?.json())))
    }

    /// A variable and its value; absent where there is none of that name.
    pub(super) async fn variable(
        &self,
        api: &Api,
        name: &str,
    ) -> Result<Option<(String, Listed)>, PlaceError> {
        let answer = api.get(self.of(api, &["variables", name])).await?;
        if answer.status == 404 {
            return Ok(None);
        }
        let found = api.good(answer)?.json();
        let value = text(&found, "value").to_owned();
        Ok(Some((value, Listed::read(&found))))
    }

    /// The numbers of the repositories that an organisation has chosen for a
    /// secret.
    pub(super) async fn chosen(&self, api: &Api, name: &str) -> Result<Vec<u64>, PlaceError> {
        let url = self.of(api, &["secrets", name, "repositories"]);
        let found = pages(api, &url, "repositories").await?;
        Ok(found.iter().filter_map(|one| one.get("id")?.as_u64()).collect())
    }
}

/// All items of a list that comes in pages.
async fn pages(api: &Api, url: &Url, items: &str) -> Result<Vec<Json>, PlaceError> {
    let mut all = Vec::new();
    for page in 1..=PAGES {
        let mut url = url.clone();
        url.query_pairs_mut()
            .append_pair("per_page", &PAGE.to_string())
            .append_pair("page", &page.to_string());
        let found = api.good(api.get(url).await?)?.json();
        if found.get(items).is_none() {
            return Err(api.unreachable(&format!("the answer has no list of {items}")));
        }
        let found = list(&found, items);
        let length = found.len();
        all.extend(found);
        if length < PAGE {
            return Ok(all);
        }
    }
    Err(api.unreachable(&format!("there are more than {} {items}", PAGE * PAGES)))
}
