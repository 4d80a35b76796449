//! Caches that take their time to forget, and know a request that they had
//! before: what the other server of these tests does not do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use keyrite::adapters::slots::Access;
use keyrite::adapters::targets::{self, Reach};
use keyrite::domain::workspace::TargetKind;
use keyrite::engine::target::Target;

use crate::support::moto::{ACCOUNT, Moto, REGION};
use crate::support::strict_s3::StrictS3;
use crate::support::targets::{Made, cert, target};
use crate::support::web::{Answer, Request, Web};

const BASE: &str = "/2020-05-31/distribution/E1/invalidation";

/// What was asked for: the whole of each request, once; and whether it is done.
#[derive(Default)]
struct State {
    asked: Vec<String>,
    posts: usize,
    is_done: bool,
}

impl State {
    fn one(&self, place: usize, tag: &str) -> String {
        let status = if self.is_done { "Completed" } else { "InProgress" };
        let batch = match tag {
            "Invalidation" => self.asked[place].as_str(),
            _ => "",
        };
        format!(
            "<{tag}><Id>I{place}</Id><CreateTime>2026-11-20T00:00:00Z</CreateTime><Status>{status}\
             </Status>{batch}</{tag}>"
        )
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let path = request.path.split('?').next().unwrap();
        let xml = |status, body: String| Answer::new(status, "text/xml", body);
        if request.method == "POST" {
            self.posts += 1;
            let body = String::from_utf8(request.body.clone()).unwrap();
            let batch =
                body.replace(" xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"", "");
            let place = self.asked.iter().position(|one| *one == batch).unwrap_or_else(|| {
                self.asked.push(batch);
                self.asked.len() - 1
            });
            return xml(201, self.one(place, "Invalidation"));
        }
        if let Some(id) = path.strip_prefix(&format!("{BASE}/I")) {
            return xml(200, self.one(id.parse().unwrap(), "Invalidation"));
        }
        assert_eq!(path, BASE);
        let all = (0..self.asked.len()).map(|place| self.one(place, "InvalidationSummary"));
        let (items, number): (Vec<_>, _) = (all.collect(), self.asked.len());
        let items = items.concat();
        xml(
            200,
            format!(
                "<InvalidationList><Marker></Marker><MaxItems>20</MaxItems><IsTruncated>false\
                 </IsTruncated><Quantity>{number}</Quantity><Items>{items}</Items></InvalidationList>"
            ),
        )
    }
}

#[test]
fn what_is_not_yet_forgotten_everywhere_is_waited_for_and_the_same_is_asked_for_once() {
    let (server, state) = (StrictS3::start(), Arc::new(Mutex::new(State::default())));
    let shared = state.clone();
    let caches = Web::start(move |request| shared.lock().unwrap().answer(request));
    let settings = [
        ("account", ACCOUNT),
        ("region", REGION),
        ("endpoint", server.url.as_str()),
        ("read", "http://127.0.0.1:1/keys"),
        ("distribution", "E1"),
    ];
    let access = Access { aws: Some(Moto::config_at(&caches.url)), ..Access::default() };
    let reach = Reach { access, patience: Duration::ZERO };
    let declared = target(TargetKind::S3, "s3://halyard/keys", &settings);
    let place = || -> Box<dyn Target> { targets::open(&declared, &reach).unwrap() };
    let made = Made::of(&cert("release", &[]));
    let before = made.look(place().as_ref());
    assert_eq!(before.awaits, None);
    let written = made.publish(place().as_ref()).unwrap();
    assert_eq!(written[3], "invalidation I0 of E1 (not yet everywhere)");
    let awaits = made.look(place().as_ref()).awaits.unwrap();
    assert!(awaits.contains("I0"), "{awaits}");
    // Cut off before it was known: the same once more is the same there.
    let again = made.publish_seen(place().as_ref(), &before.guard).unwrap();
    assert_eq!(again, ["invalidation I0 of E1 (not yet everywhere)"]);
    assert_eq!(state.lock().unwrap().posts, 2);
    state.lock().unwrap().is_done = true;
    let again = made.publish_seen(place().as_ref(), &before.guard).unwrap();
    assert_eq!(again, ["invalidation I0 of E1"]);
    assert_eq!(made.look(place().as_ref()).awaits, None);
}
