//! Tells when AWS is asked once more. How often and when is the library's
//! matter; it does not say how long it waits.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_config::retry::RetryConfig;
use aws_sdk_sts::config::interceptors::{
    BeforeSerializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
    FinalizerInterceptorContextRef, InterceptorContext,
};
use aws_sdk_sts::config::retry::{ClassifyRetry as _, RetryAction};
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;

use crate::engine::notice::{Again, Notices};

/// Listens to the requests of one client, which are made one after the other.
#[derive(Debug)]
pub(in crate::adapters) struct Retries {
    place: String,
    notices: Notices,
    attempts: AtomicU32,
    /// What is asked.
    what: Mutex<String>,
}

impl Retries {
    pub(super) fn new(place: &str, notices: &Notices) -> Self {
        Self {
            place: place.to_owned(),
            notices: notices.clone(),
            attempts: AtomicU32::default(),
            what: Mutex::default(),
        }
    }
}

impl Intercept for Retries {
    fn name(&self) -> &'static str {
        "Retries"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.attempts.store(0, Ordering::Relaxed);
        Ok(())
    }

    fn read_before_attempt(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        *self.what.lock().unwrap_or_else(PoisonError::into_inner) = what(context);
        self.attempts.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let done = self.attempts.load(Ordering::Relaxed);
        let of = settings.load::<RetryConfig>().map_or(1, RetryConfig::max_attempts);
        if done < of && is_retried(context.inner(), components) {
            let said = &said(context);
            let what = &*self.what.lock().unwrap_or_else(PoisonError::into_inner);
            let (place, attempt) = (self.place.as_str(), done + 1);
            let again = Again { place, what, attempt, of, said, pause: None };
            self.notices.again(&again);
        }
        Ok(())
    }
}

/// The name of what is asked: as the newer services are told it, or else the
/// one thing that STS is asked.
fn what(context: &BeforeTransmitInterceptorContextRef<'_>) -> String {
    let target = context.request().headers().get("x-amz-target");
    let name = target.and_then(|target| target.rsplit('.').next());
    name.unwrap_or("GetCallerIdentity").to_owned()
}

/// Whether it is asked once more, as the library decides it: a later
/// classifier overrides one before it.
fn is_retried(context: &InterceptorContext, components: &RuntimeComponents) -> bool {
    let mut result = RetryAction::NoActionIndicated;
    for classifier in components.retry_classifiers() {
        let found = classifier.classify_retry_v2(context, &result);
        if found != RetryAction::NoActionIndicated {
            result = found;
        }
        if result == RetryAction::RetryForbidden {
            break;
        }
    }
    result.should_retry()
}

/// What was answered: the code and the message, and nothing else of it.
fn said(context: &FinalizerInterceptorContextRef<'_>) -> String {
    match context.output_or_error() {
        Some(Err(error)) if error.is_timeout_error() => "no answer came in time".to_owned(),
        Some(Err(error)) if error.is_connector_error() => "the connection was lost".to_owned(),
        Some(Err(error)) => match (error.as_operation_error(), context.response()) {
            (Some(error), _) => error.to_string(),
            (None, Some(response)) => format!("HTTP {}", response.status().as_u16()),
            (None, None) => "nothing that can be understood".to_owned(),
        },
        Some(Ok(_)) | None => "nothing".to_owned(),
    }
}
