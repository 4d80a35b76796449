//! What connects the machine with others.

use std::path::Path;

use super::{Host, failed};
use crate::domain::host::Seen;
use crate::domain::text::VisibleText;

/// Where the interfaces of a machine are.
const INTERFACES: &str = "/sys/class/net";

/// Bits of an interface's flags: switched on; the loopback (if.h).
const IFF_UP: u32 = 0x1;
const IFF_LOOPBACK: u32 = 0x8;

/// Bits of a route's flags: in use; it leads nowhere (route.h).
const RTF_UP: u32 = 0x1;
const RTF_REJECT: u32 = 0x200;

/// The interfaces beside the loopback that are up.
pub(super) fn links(host: Host<'_>) -> Seen<Vec<VisibleText>> {
    #[expect(clippy::disallowed_methods, reason = "the interfaces are the names of a folder")]
    let entries = std::fs::read_dir(host.path(Path::new(INTERFACES)))
        .map_err(|error| failed(INTERFACES, error))?;
    let mut up = Vec::new();
    for entry in entries {
        let name = entry.map_err(|error| failed(INTERFACES, error))?.file_name();
        // A name that is no text is none that the kernel gives.
        let Some(name) = name.to_str() else { continue };
        if is_up(host, name) {
            up.push(VisibleText::from_text(name));
        }
    }
    up.sort();
    Ok(up)
}

/// Whether an interface carries anything, as far as can be told: one that does
/// not tell counts as up.
fn is_up(host: Host<'_>, name: &str) -> bool {
    let flags = format!("{INTERFACES}/{name}/flags");
    let flags = match host.read(&flags) {
        Ok(text) => hex(text.trim().trim_start_matches("0x")),
        // There are other things in that folder, such as `bonding_masters`.
        Err(_) if !host.has(&format!("{INTERFACES}/{name}/address")) => return false,
        Err(_) => None,
    };
    let Some(flags) = flags else { return true };
    if flags & IFF_LOOPBACK != 0 || flags & IFF_UP == 0 {
        return false;
    }
    // Tunnels say "unknown" while they are up.
    let state = host.read(&format!("{INTERFACES}/{name}/operstate")).unwrap_or_default();
    !matches!(state.trim(), "down" | "lowerlayerdown" | "notpresent")
}

/// The default routes of IPv4 and IPv6.
pub(super) fn default_routes(host: Host<'_>) -> Seen<Vec<VisibleText>> {
    let four = host.read("/proc/net/route")?;
    let mut routes: Vec<_> = four.lines().skip(1).filter_map(default_four).collect();
    // It is not there where the kernel has no IPv6.
    if host.has("/proc/net/ipv6_route") {
        let six = host.read("/proc/net/ipv6_route")?;
        routes.extend(six.lines().filter_map(default_six));
    }
    routes.sort();
    routes.dedup();
    Ok(routes)
}

/// A line of `/proc/net/route`: interface, destination, gateway, flags, three
/// counters, mask.
fn default_four(line: &str) -> Option<VisibleText> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [interface, destination, _, flags, _, _, _, mask, ..] = fields.as_slice() else {
        return None;
    };
    let is_default = hex(destination)? == 0 && hex(mask)? == 0 && is_used(flags)?;
    is_default.then(|| VisibleText::from_text(&format!("{interface} (IPv4)")))
}

/// A line of `/proc/net/ipv6_route`: destination and its length, source and its
/// length, next hop, three counters, flags, interface.
fn default_six(line: &str) -> Option<VisibleText> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let [_, length, _, _, _, _, _, _, flags, interface] = fields.as_slice() else {
        return None;
    };
    let is_default = hex(length)? == 0 && is_used(flags)?;
    is_default.then(|| VisibleText::from_text(&format!("{interface} (IPv6)")))
}

fn is_used(flags: &str) -> Option<bool> {
    Some(hex(flags)? & (RTF_UP | RTF_REJECT) == RTF_UP)
}

fn hex(digits: &str) -> Option<u32> {
    u32::from_str_radix(digits, 16).ok()
}
