package org.portlog.core

/*
 * The compact form of LogRecords.kt: the fields in the order of rust/jni/src/compact/log_records.rs.
 */

internal fun RecordWriter.logRequest(request: LogRequest<*>) = when (request) {
    LogRequest.Status -> byte(0)

    is LogRequest.Page -> {
        byte(1)
        logQuery(request.query)
    }

    is LogRequest.Write -> {
        byte(2)
        mark(request.mark)
    }

    is LogRequest.Preview -> {
        byte(3)
        shareChoice(request.choice)
    }

    is LogRequest.Export -> {
        byte(4)
        shareChoice(request.choice)
        text(request.path)
    }

    LogRequest.Saved -> byte(5)

    LogRequest.Checkpoint -> byte(6)

    is LogRequest.Answer -> {
        byte(7)
        text(request.text)
    }

    is LogRequest.Witness -> {
        byte(8)
        text(request.path)
        text(request.name)
    }

    is LogRequest.Verify -> {
        byte(9)
        text(request.path)
    }

    is LogRequest.Predecessor -> {
        byte(10)
        text(request.text)
    }

    is LogRequest.Record -> {
        byte(11)
        bool(request.everyone)
    }

    LogRequest.ResetChecks -> byte(12)

    is LogRequest.PasswordsKnown -> {
        byte(13)
        bool(request.known)
    }

    is LogRequest.Erase -> {
        byte(14)
        optional(request.key) { dataKey(it) }
    }

    is LogRequest.HeldByTwo -> {
        byte(15)
        bool(request.held)
    }

    is LogRequest.Keep -> {
        byte(16)
        bool(request.on)
    }

    is LogRequest.Device -> {
        byte(17)
        deviceFeed(request.feed)
    }
}

internal fun RecordWriter.logConfig(config: LogConfig) {
    optional(config.dataKey) { dataKey(it) }
    deviceFeed(config.device)
}

private fun RecordWriter.dataKey(key: DataKey) =
    list(key.bytes.asList()) { byte(it.toInt()) }

internal fun RecordReader.logAnswer(): LogAnswer = when (val found = byte()) {
    0 -> logStatus()
    1 -> logPage()
    2 -> outcome()
    3 -> sharePreview()
    4 -> exported()
    5 -> checkpointView()
    6 -> witnessing()
    7 -> verdict()
    8 -> beforeReset()
    else -> throw fault("$found is none of the 9 of LogAnswer")
}

internal fun RecordReader.logKind(): LogKind = choice(LogKind.entries)

internal fun RecordReader.keeping(): Keeping = choice(Keeping.entries)

internal fun RecordReader.foundFile(): FoundFile = choice(FoundFile.entries)

private fun RecordWriter.logQuery(query: LogQuery) {
    list(query.kinds) { choice(it) }
    text(query.text)
    optional(query.before) { long(it) }
    int(query.limit)
}

private fun RecordWriter.mark(mark: Mark) = when (mark) {
    is Mark.Words -> {
        byte(0)
        text(mark.text)
    }

    Mark.SimIn -> byte(1)
    Mark.ContactSaved -> byte(2)
    Mark.MessageSent -> byte(3)
    Mark.ServiceOff -> byte(4)
    Mark.Update -> byte(5)
    Mark.SignIn -> byte(6)
}

private fun RecordWriter.shareChoice(choice: ShareChoice) {
    choice(choice.preset)
    optional(choice.since) { long(it) }
    optional(choice.until) { long(it) }
    list(choice.redact) { text(it) }
    bool(choice.withLocal)
}

private fun RecordWriter.deviceFeed(feed: DeviceFeed) {
    optional(feed.model) { text(it) }
    optional(feed.fingerprint) { text(it) }
    optional(feed.tags) { text(it) }
    optional(feed.securityPatch) { text(it) }
    optional(feed.baseband) { text(it) }
    optional(feed.verifiedBoot) { text(it) }
    optional(feed.bootloader) { text(it) }
    optional(feed.selinux) { text(it) }
    optional(feed.adb) { bool(it) }
    optional(feed.apkSigner) { text(it) }
}

private fun RecordReader.logStatus() = LogStatus(
    keeping = keeping(),
    keepingText = text(),
    failingSince = optional { long() },
    origin = text(),
    key = text(),
    size = long(),
    epochs = int(),
    bytes = long(),
    first = optional { long() },
    last = optional { long() },
    sizeText = text(),
    prunedBelow = optional { long() },
    prunedText = text(),
    everyone = bool(),
    recordedText = text(),
    witnessed = optional { witnessedLine() },
    witnessedText = text(),
    witnessDue = bool(),
    exported = optional { long() },
    exportedText = text(),
    predecessorText = text(),
)

private fun RecordReader.witnessedLine() =
    WitnessedLine(name = text(), at = long(), size = long(), since = long())

private fun RecordReader.logPage() = LogPage(
    rows = list { logRow() },
    next = optional { long() },
    size = long(),
)

private fun RecordReader.logRow() = LogRow(
    index = long(),
    at = optional { long() },
    kind = logKind(),
    kindText = text(),
    text = text(),
)

private fun RecordReader.outcome() =
    Outcome(done = bool(), text = text(), index = optional { long() })

private fun RecordReader.sharePreview() = SharePreview(
    firstLines = texts(),
    firstLinesText = texts(),
    shown = long(),
    size = long(),
    kinds = list { KindCount(kind = logKind(), text = text(), count = long()) },
    owners = texts(),
    moreOwners = long(),
    hosts = texts(),
    moreHosts = long(),
    withheld = texts(),
    warnings = texts(),
    bytes = long(),
    problem = text(),
)

private fun RecordReader.exported() = Exported(
    done = bool(),
    text = text(),
    path = text(),
    shown = long(),
    size = long(),
    bytes = long(),
    sha256 = text(),
)

private fun RecordReader.checkpointView() = CheckpointView(
    text = text(),
    code = optional { qrCode() },
    size = long(),
    explanation = text(),
)

private fun RecordReader.qrCode() = QrCode(side = int(), modules = list { bool() })

private fun RecordReader.witnessing() = Witnessing(
    signed = bool(),
    lines = texts(),
    answer = text(),
    code = optional { qrCode() },
    verdict = verdict(),
)

private fun RecordReader.verdict() = Verdict(
    found = foundFile(),
    unchanged = bool(),
    firstLines = texts(),
    lines = texts(),
    level = text(),
    details = texts(),
    origin = text(),
    shown = long(),
    size = long(),
    rows = list { logRow() },
)

private fun RecordReader.beforeReset() = BeforeReset(
    ready = bool(),
    checks = list { ResetCheck(done = bool(), title = text(), text = text()) },
)
