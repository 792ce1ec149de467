//! The natives of `org.portlog.core.Native`: the table, and for each the call that it stands for.
//!
//! Each takes a session by its handle, reads what it was given, calls, and writes the answer.
//! Nothing is decided here, no lock is held while the agent works, and nothing calls back.

#![expect(
    clippy::needless_pass_by_value,
    reason = "references of the machine come by value, each its own"
)]

use std::sync::Arc;
use std::time::Duration;

use jni::objects::{JByteArray, JClass, JString};
use jni::sys::{jboolean, jlong};
use jni::{Env, NativeMethod, native_method};
use portlog_agent::helper::HelperOrders;
use portlog_agent::session::{
    LogRequest, PackageFeed, ReachRequest, Session, SessionConfig, SessionSettings, UidBytes,
};

use crate::asked::{self, AskedConfig, AskedSettings, AskedTap, CountedBytes};
use crate::compact::{self, Compact, Fault, MAX_BYTES, Malformed};
use crate::descriptor;
use crate::error::{BridgeError, Throw};
use crate::registry::Registry;

/// The open sessions.
pub static SESSIONS: Registry<Session> = Registry::new();

/// The longest that `nextEvents` waits; whoever wants more calls again.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Every native, with its name and signature as Java knows it.
pub(crate) const TABLE: &[NativeMethod<'_>] = &[
    native_method! { static fn open(config: jbyte[]) -> jlong, error_policy = Throw },
    native_method! { static fn start(handle: jlong), error_policy = Throw },
    native_method! { static fn stop(handle: jlong) -> jboolean, error_policy = Throw },
    native_method! { static fn next_events(handle: jlong, timeout_millis: jlong) -> jbyte[], error_policy = Throw },
    native_method! { static fn snapshot(handle: jlong, query: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn owner(handle: jlong, key: JString) -> jbyte[], error_policy = Throw },
    native_method! { static fn connection(handle: jlong, id: jlong) -> jbyte[], error_policy = Throw },
    native_method! { static fn alerts(handle: jlong, with_noted: jboolean) -> jbyte[], error_policy = Throw },
    native_method! { static fn history(handle: jlong, query: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn set_packages(handle: jlong, feed: jbyte[]), error_policy = Throw },
    native_method! { static fn set_counters(handle: jlong, rows: jbyte[]), error_policy = Throw },
    native_method! { static fn set_lists(handle: jlong, change: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn set_settings(handle: jlong, settings: jbyte[]), error_policy = Throw },
    native_method! { static fn mute(handle: jlong, rule: jbyte[], muted: jboolean), error_policy = Throw },
    native_method! { static fn practice(handle: jlong, step: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn note(handle: jlong, record: jbyte[]), error_policy = Throw },
    native_method! { static fn log(handle: jlong, request: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn reach(handle: jlong, request: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn helper(orders: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn tap(handle: jlong, request: jbyte[]) -> jbyte[], error_policy = Throw },
    native_method! { static fn stats(handle: jlong) -> jbyte[], error_policy = Throw },
    native_method! { static fn close(handle: jlong), error_policy = Throw },
];

type Answer<T> = Result<T, BridgeError>;
type Bytes<'l> = JByteArray<'l>;

fn open<'l>(env: &mut Env<'l>, _: JClass<'l>, config: Bytes<'l>) -> Answer<jlong> {
    let config = SessionConfig::try_from(take::<AskedConfig>(env, &config, "config")?)?;
    log::debug!("portlog-debug: open {config:?}");
    Ok(SESSIONS.open(Session::open(config)?))
}

fn start<'l>(_: &mut Env<'l>, _: JClass<'l>, handle: jlong) -> Answer<()> {
    Ok(session(handle)?.start()?)
}

fn stop<'l>(_: &mut Env<'l>, _: JClass<'l>, handle: jlong) -> Answer<jboolean> {
    Ok(session(handle)?.stop())
}

/// `null` once the session is closed, also when that was before the call: whoever fetches in a loop
/// cannot know.
fn next_events<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    timeout_millis: jlong,
) -> Answer<Bytes<'l>> {
    let timeout = Duration::from_millis(u64::try_from(timeout_millis).unwrap_or(0));
    let told = match session(handle) {
        Ok(session) => session.next_events(timeout.min(LONGEST_WAIT)),
        Err(BridgeError::Closed(_)) => None,
        Err(error) => return Err(error),
    };
    give_some(env, told.as_ref())
}

fn snapshot<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    query: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let board = session(handle)?.board(&take(env, &query, "query")?);
    give(env, &board)
}

fn owner<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    key: JString<'l>,
) -> Answer<Bytes<'l>> {
    let details = session(handle)?.owner(&text(env, &key, "key")?);
    give_some(env, details.as_ref())
}

fn connection<'l>(env: &mut Env<'l>, _: JClass<'l>, handle: jlong, id: jlong) -> Answer<Bytes<'l>> {
    let details = session(handle)?.connection(id.cast_unsigned());
    give_some(env, details.as_ref())
}

fn alerts<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    with_noted: jboolean,
) -> Answer<Bytes<'l>> {
    let alerts = session(handle)?.alerts(with_noted);
    give(env, &alerts)
}

fn history<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    query: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let page = session(handle)?.history(&take(env, &query, "query")?)?;
    give(env, &page)
}

fn set_packages<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    feed: Bytes<'l>,
) -> Answer<()> {
    let session = session(handle)?;
    let feed = take::<asked::PackageFeed>(env, &feed, "feed")?;
    Ok(session.set_packages(PackageFeed::try_from(feed)?)?)
}

fn set_counters<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    rows: Bytes<'l>,
) -> Answer<()> {
    let session = session(handle)?;
    let rows = take::<Vec<CountedBytes>>(env, &rows, "rows")?;
    Ok(session.set_counters(rows.into_iter().map(UidBytes::from).collect())?)
}

fn set_lists<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    change: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let lines = session(handle)?.set_lists(&take(env, &change, "change")?)?;
    give(env, &lines)
}

fn set_settings<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    settings: Bytes<'l>,
) -> Answer<()> {
    let session = session(handle)?;
    let settings = take::<AskedSettings>(env, &settings, "settings")?;
    Ok(session.set_settings(SessionSettings::try_from(settings)?)?)
}

fn mute<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    rule: Bytes<'l>,
    muted: jboolean,
) -> Answer<()> {
    Ok(session(handle)?.mute(&take(env, &rule, "rule")?, muted)?)
}

fn practice<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    step: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let report = session(handle)?.practice(take(env, &step, "step")?)?;
    give(env, &report)
}

fn note<'l>(env: &mut Env<'l>, _: JClass<'l>, handle: jlong, record: Bytes<'l>) -> Answer<()> {
    Ok(session(handle)?.note(take(env, &record, "note")?)?)
}

fn log<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    request: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let session = session(handle)?;
    let request = take::<LogRequest>(env, &request, "request")?;
    give(env, &session.log(&request)?)
}

fn reach<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    request: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let session = session(handle)?;
    let request = take::<ReachRequest>(env, &request, "request")?;
    give(env, &session.reach(&request)?)
}

/// Of no session: this is the helper's own process, and comes back when it shall end.
fn helper<'l>(env: &mut Env<'l>, _: JClass<'l>, orders: Bytes<'l>) -> Answer<Bytes<'l>> {
    let orders = take::<HelperOrders>(env, &orders, "orders")?;
    give(env, &portlog_agent::helper::run(&orders)?)
}

/// A start hands over the TUN device's descriptor: it is ours from the moment it was read, and closed
/// also where there is no session to have it.
fn tap<'l>(
    env: &mut Env<'l>,
    _: JClass<'l>,
    handle: jlong,
    request: Bytes<'l>,
) -> Answer<Bytes<'l>> {
    let answer = match take::<AskedTap>(env, &request, "request")? {
        AskedTap::Start { descriptor, start } => {
            let device = descriptor::own(descriptor)?;
            session(handle)?.start_tap(device, &start)?
        }
        AskedTap::Ask(request) => session(handle)?.tap(&request)?,
    };
    give(env, &answer)
}

fn stats<'l>(env: &mut Env<'l>, _: JClass<'l>, handle: jlong) -> Answer<Bytes<'l>> {
    let stats = session(handle)?.stats();
    give(env, &stats)
}

fn close<'l>(_: &mut Env<'l>, _: JClass<'l>, handle: jlong) -> Answer<()> {
    if let Some(session) = SESSIONS.close(handle)? {
        session.close();
        log::debug!("portlog-debug: closed {handle}");
    }
    Ok(())
}

fn session(handle: jlong) -> Answer<Arc<Session>> {
    SESSIONS.find(handle)
}

/// The value that Java wrote into `record`, the argument `name`.
fn take<T: Compact>(env: &mut Env<'_>, record: &Bytes<'_>, name: &'static str) -> Answer<T> {
    if record.is_null() {
        return Err(BridgeError::Null(name));
    }
    // Refused before it is copied.
    let length = record.len(env)?;
    if length > MAX_BYTES {
        return Err(Malformed::new(0, Fault::TooLarge(length)).into());
    }
    Ok(compact::decode(&env.convert_byte_array(record)?)?)
}

fn text(env: &mut Env<'_>, text: &JString<'_>, name: &'static str) -> Answer<String> {
    if text.is_null() {
        return Err(BridgeError::Null(name));
    }
    Ok(text.mutf8_chars(env)?.to_string())
}

fn give<'l, T: Compact>(env: &mut Env<'l>, value: &T) -> Answer<Bytes<'l>> {
    let bytes = compact::encode(value);
    if i32::try_from(bytes.len()).is_err() {
        return Err(BridgeError::TooLong(bytes.len()));
    }
    Ok(env.byte_array_from_slice(&bytes)?)
}

fn give_some<'l, T: Compact>(env: &mut Env<'l>, value: Option<&T>) -> Answer<Bytes<'l>> {
    match value {
        Some(value) => give(env, value),
        None => Ok(Bytes::null()),
    }
}
