package org.portlog.bridge

import org.portlog.core.BeforeReset
import org.portlog.core.CheckpointView
import org.portlog.core.DataKey
import org.portlog.core.DeviceFeed
import org.portlog.core.Exported
import org.portlog.core.FoundFile
import org.portlog.core.Keeping
import org.portlog.core.KindCount
import org.portlog.core.LogConfig
import org.portlog.core.LogKind
import org.portlog.core.LogPage
import org.portlog.core.LogQuery
import org.portlog.core.LogRequest
import org.portlog.core.LogRow
import org.portlog.core.LogStatus
import org.portlog.core.Mark
import org.portlog.core.Outcome
import org.portlog.core.QrCode
import org.portlog.core.ResetCheck
import org.portlog.core.ShareChoice
import org.portlog.core.SharePreset
import org.portlog.core.SharePreview
import org.portlog.core.Verdict
import org.portlog.core.WitnessedLine
import org.portlog.core.Witnessing

/** The values of rust/jni/tests/vectors/samples/log.rs. */
internal object LogSamples {
    val status = LogStatus(
        keeping = Keeping.FAILING,
        keepingText = "not written",
        failingSince = 1_700_000_000_000,
        origin = "portlog/log/00ff",
        key = "portlog/log/00ff+00112233+AQ==",
        size = 9,
        epochs = 2,
        bytes = 1L shl 40,
        first = 1,
        last = 2,
        sizeText = "9 entries",
        prunedBelow = 3,
        prunedText = "pruned",
        everyone = true,
        recordedText = "everyone's",
        witnessed = WitnessedLine("anna", 5, 6, 3),
        witnessedText = "by anna",
        witnessDue = true,
        exported = 4,
        exportedText = "on a day",
        predecessorText = "continues",
    )

    val statusNone = LogStatus(
        keeping = Keeping.OFF,
        keepingText = "",
        failingSince = null,
        origin = "",
        key = "",
        size = 0,
        epochs = 0,
        bytes = 0,
        first = null,
        last = null,
        sizeText = "",
        prunedBelow = null,
        prunedText = "",
        everyone = false,
        recordedText = "",
        witnessed = null,
        witnessedText = "",
        witnessDue = false,
        exported = null,
        exportedText = "",
        predecessorText = "",
    )

    private val row = LogRow(
        8,
        1_700_000_000_000,
        LogKind.ALERT,
        "Alert",
        "match · com.example.sync · 203.0.113.7:443",
    )

    val page = LogPage(listOf(row, LogRow(0, null, LogKind.EPOCH, "", "")), 7, 9)

    val outcome = Outcome(true, "The mark is in the signed log.", 8)

    val preview = SharePreview(
        firstLines = listOf("Unchanged", "This"),
        firstLinesText = listOf("未改"),
        shown = 3,
        size = 9,
        kinds = listOf(KindCount(LogKind.MARK, "Mark", 2)),
        owners = listOf("com.example.sync"),
        moreOwners = 1,
        hosts = listOf("host.test"),
        moreHosts = 2,
        withheld = listOf("local"),
        warnings = listOf("marks"),
        bytes = 2_684,
        problem = "",
    )

    val exported = Exported(
        done = true,
        text = "3 of 9",
        path = "/data/x.portlog.txt",
        shown = 3,
        size = 9,
        bytes = 2_684,
        sha256 = "00ff",
    )

    val checkpoint = CheckpointView(
        text = "portlog/log/00ff\n9\nAAAA\n",
        code = QrCode(2, listOf(true, false, false, true)),
        size = 9,
        explanation = "Whoever keeps this",
    )

    val verdict = Verdict(
        found = FoundFile.BUNDLE,
        unchanged = true,
        firstLines = listOf("Unchanged"),
        lines = listOf("未改"),
        level = "L3",
        details = listOf("seen", "watched"),
        origin = "portlog/log/00ff",
        shown = 3,
        size = 9,
        rows = listOf(row),
    )

    val witnessing = Witnessing(
        signed = true,
        lines = listOf("Signed"),
        answer = "portlog/answer@v1\n",
        code = null,
        verdict = verdict,
    )

    val beforeReset = BeforeReset(
        ready = false,
        checks = listOf(ResetCheck(true, "Saved", "as you say")),
    )

    private val choice = ShareChoice(
        preset = SharePreset.EVERYTHING,
        since = 1,
        until = -2,
        redact = listOf("remote", "owner"),
        withLocal = true,
    )

    private val marks = listOf(
        Mark.Words("第二部 📱"),
        Mark.SimIn,
        Mark.ContactSaved,
        Mark.MessageSent,
        Mark.ServiceOff,
        Mark.Update,
        Mark.SignIn,
    )

    private val device = DeviceFeed(
        model = "Example One",
        fingerprint = "example/one/one:4.4.4/X/1:user/release-keys",
        tags = "release-keys",
        securityPatch = "2016-01-01",
        baseband = "base 1",
        verifiedBoot = "green",
        bootloader = "locked",
        selinux = "enforcing",
        adb = true,
        apkSigner = "ab".repeat(32),
    )

    val requests: List<LogRequest<*>> = marks.map { LogRequest.Write(it) } + listOf(
        LogRequest.Status,
        LogRequest.Page(LogQuery(limit = 0)),
        LogRequest.Page(LogQuery(listOf(LogKind.MARK, LogKind.PRUNE), "sync", -1, 50)),
        LogRequest.Preview(ShareChoice()),
        LogRequest.Export(choice, "/a"),
        LogRequest.Saved,
        LogRequest.Checkpoint,
        LogRequest.Answer("portlog/answer@v1\n"),
        LogRequest.Witness("/b", "Anna"),
        LogRequest.Verify("/c"),
        LogRequest.Predecessor("portlog/log/00ff\n"),
        LogRequest.Record(true),
        LogRequest.ResetChecks,
        LogRequest.PasswordsKnown(true),
        LogRequest.Erase(null),
        LogRequest.Erase(DataKey(ByteArray(DataKey.SIZE) { it.toByte() })),
        LogRequest.HeldByTwo(false),
        LogRequest.Keep(true),
        LogRequest.Device(device),
    )

    val configBare = LogConfig(null, DeviceFeed())

    val config = LogConfig(
        dataKey = DataKey(ByteArray(DataKey.SIZE) { it.toByte() }),
        device = device,
    )
}
