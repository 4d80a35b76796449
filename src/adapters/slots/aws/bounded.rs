//! A bound on what AWS answers.

use aws_sdk_sts::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_sts::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sts::error::BoxError;
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;

/// The longest answer, in bytes: a secret in JSON, or all versions of it.
const LONGEST: usize = 4 * 1024 * 1024;

/// What is longer cannot be understood.
#[derive(Debug)]
pub(in crate::adapters::slots) struct Bounded;

impl Intercept for Bounded {
    fn name(&self) -> &'static str {
        "Bounded"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().take_body();
        let bounded = SdkBody::from_body_1_x(Limited::new(body, LONGEST));
        *context.response_mut().body_mut() = bounded;
        Ok(())
    }
}
