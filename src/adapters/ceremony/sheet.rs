//! The sheet to print.

use std::fmt::Write as _;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use super::remarks::Problem;
use super::{CeremonyHands, Done, Inputs, done, receipt};
use crate::domain::text::VisibleText;
use crate::engine::ports::Job;

impl CeremonyHands {
    pub(super) fn write_sheet(&self, job: &Job<'_>) -> Done {
        let inputs = Inputs(job.effect);
        let fingerprint = inputs.fingerprint("fingerprint")?;
        let world = self.world.as_ref();
        let one = world.and_then(|world| {
            world.certificates.iter().find(|one| one.certificate.fingerprint() == fingerprint)
        });
        let qr = QrCode::new(fingerprint.uri())
            .map_err(|error| Problem::Failed(format!("no QR code can be drawn: {error}")))?;
        let stamp = crate::domain::worded::Worded::word(self.environment).to_uppercase();
        let mut page = format!("FINGERPRINT SHEET   {stamp}\n\n");
        let name = one.map_or_else(String::new, |one| one.name().to_owned());
        let _ = writeln!(page, "Name         {}", VisibleText::from_text(&name));
        let _ = writeln!(page, "Fingerprint  {}", fingerprint.grouped());
        if let Some(one) = one {
            let key = &one.certificate.primary;
            let ends = one.verdict.primary.expires;
            let ends =
                ends.map_or_else(|| "never".to_owned(), crate::domain::timestamp::Timestamp::date);
            let _ = writeln!(page, "Algorithm    {}", key.algorithm);
            let _ = writeln!(page, "Made         {}", key.created.date());
            let _ = writeln!(page, "Ends         {ends}");
        }
        page.push_str("\nIn words, one row for each group of two bytes:\n\n");
        for (pair, group) in fingerprint.words().chunks(2).zip(fingerprint.groups()) {
            let _ = writeln!(page, "  {group}  {}", pair.join(" "));
        }
        page.push_str("\nAs a QR code (OPENPGP4FPR):\n\n");
        let drawn = qr.render::<Dense1x2>().quiet_zone(true).build();
        for line in drawn.lines() {
            let _ = writeln!(page, "  {line}");
        }
        page.push_str("\nBag of medium A ____________  place ________    Bag of medium B ____________  place ________\n");
        page.push_str(
            "Compared by ______________________  and ______________________   on ______________\n",
        );
        let path = self.run.write("sheet.txt", page.as_bytes())?;
        Ok(done(receipt([("file", path.display().to_string())])))
    }
}
