package org.portlog.bridge

import org.portlog.core.AlertView
import org.portlog.core.BadLineView
import org.portlog.core.Board
import org.portlog.core.BoardQuery
import org.portlog.core.ByteCounts
import org.portlog.core.Category
import org.portlog.core.Config
import org.portlog.core.ConnectionDetails
import org.portlog.core.ConnectionLine
import org.portlog.core.CoverageLine
import org.portlog.core.CoverageStatus
import org.portlog.core.Destination
import org.portlog.core.Direction
import org.portlog.core.Firmware
import org.portlog.core.HistoryPage
import org.portlog.core.HistoryQuery
import org.portlog.core.Level
import org.portlog.core.LinkState
import org.portlog.core.ListChange
import org.portlog.core.ListLine
import org.portlog.core.ListPermission
import org.portlog.core.ListenerChoice
import org.portlog.core.MatchLine
import org.portlog.core.MuteLine
import org.portlog.core.MuteRule
import org.portlog.core.Note
import org.portlog.core.NoteKind
import org.portlog.core.OwnerChoice
import org.portlog.core.OwnerDetails
import org.portlog.core.OwnerKind
import org.portlog.core.OwnerLine
import org.portlog.core.PackageFacts
import org.portlog.core.PackageFeed
import org.portlog.core.PackageLine
import org.portlog.core.PracticeLinkLine
import org.portlog.core.PracticeReport
import org.portlog.core.PracticeStep
import org.portlog.core.Protocol
import org.portlog.core.SessionState
import org.portlog.core.Settings
import org.portlog.core.SocketState
import org.portlog.core.Sort
import org.portlog.core.Stats
import org.portlog.core.TimelineHour
import org.portlog.core.Told
import org.portlog.core.ToldKind
import org.portlog.core.UidBytes

/** The values of rust/jni/tests/vectors/samples, under the same names. */
internal object Samples {
    private val owner = OwnerLine(
        key = "1010087",
        uid = 1_010_087,
        user = 10,
        name = "Sync",
        kind = OwnerKind.SHARED,
        firmware = Firmware.MIXED,
        kindText = "shared by two packages",
        packages = listOf("com.example.sync", "com.example.push"),
    )

    private val ownerUnknown = OwnerLine(
        key = "-",
        uid = null,
        user = null,
        name = "something",
        kind = OwnerKind.UNKNOWN,
        firmware = Firmware.UNKNOWN,
        kindText = "",
        packages = emptyList(),
    )

    private val connection = ConnectionLine(
        id = 12,
        protocol = Protocol.UDP_LITE,
        local = "[2001:db8::2]:40213",
        remote = "[2001:db8::7]:80",
        state = SocketState.SYN_SENT,
        direction = Direction.OUT,
        listener = false,
        practice = true,
        owner = owner,
        level = Level.POSSIBLE,
        names = listOf("host.test", "other.test"),
        firstSeen = 1_700_000_000_000,
        closedAt = 1_700_000_001_000,
        text = "Sync – é 例 😀\u0000 tried to connect",
    )

    private val connectionBare = ConnectionLine(
        id = -1,
        protocol = Protocol.TCP,
        local = "0.0.0.0:22",
        remote = "0.0.0.0:0",
        state = SocketState.LISTEN,
        direction = Direction.UNKNOWN,
        listener = true,
        practice = false,
        owner = ownerUnknown,
        level = null,
        names = emptyList(),
        firstSeen = 0,
        closedAt = null,
        text = "",
    )

    private val alert = AlertView(
        key = "k",
        level = Level.MATCH,
        sounds = true,
        practice = true,
        muted = true,
        title = "Sync",
        text = "had a connection with",
        body = "Mine, line 9",
        publicText = "New finding",
        owner = owner,
        remote = "203.0.113.7:443",
        list = "Mine",
        entry = "203.0.113.7",
        category = Category.THREAT,
        weakened = listOf("w"),
        explanations = listOf("e1", "e2"),
        advice = listOf("a"),
        candidates = listOf("c"),
        firstSeen = 1,
        lastSeen = 2,
        count = 3,
        bundled = 4,
        connection = 12,
    )

    private val alertBare = AlertView(
        key = "",
        level = Level.NOTED,
        sounds = false,
        practice = false,
        muted = false,
        title = "",
        text = "",
        body = "",
        publicText = "",
        owner = ownerUnknown,
        remote = "",
        list = "",
        entry = "",
        category = null,
        weakened = emptyList(),
        explanations = emptyList(),
        advice = emptyList(),
        candidates = emptyList(),
        firstSeen = 0,
        lastSeen = 0,
        count = 0,
        bundled = 0,
        connection = null,
    )

    private val told = Told(
        sequence = 7,
        at = 1_700_000_000_001,
        kind = ToldKind.ALERT,
        text = "An alert",
        ownerKey = "1010087",
        connection = connection,
        alert = alert,
    )

    private val mutes = listOf(
        MuteRule.Owner("1000"),
        MuteRule.Entry("||tracker.test^"),
        MuteRule.Remote("2001:db8::7"),
    )

    val told2 = listOf(
        told,
        Told(
            sequence = 0,
            at = -1,
            kind = ToldKind.DROP,
            text = "",
            ownerKey = null,
            connection = null,
            alert = null,
        ),
    )

    val alerts = listOf(alert, alertBare)

    val board = Board(
        generation = 1L shl 40,
        state = SessionState.WATCHING,
        stateText = "Watching.",
        watchedText = "41 system programs",
        notLiveText = "NOT OBSERVED LIVE",
        coverage = listOf(
            CoverageLine("tcp6", CoverageStatus.UNTRUSTED, "tcp6 cannot be trusted"),
        ),
        connections = listOf(connection, connectionBare),
        matching = 2,
        total = -1,
    )

    val boardEmpty = Board(
        generation = 0,
        state = SessionState.DENIED,
        stateText = "",
        watchedText = "",
        notLiveText = "",
        coverage = emptyList(),
        connections = emptyList(),
        matching = 0,
        total = 0,
    )

    val history = HistoryPage(listOf(told), matching = 2, kept = 3, since = 1_700_000_000_000)

    val historyEmpty = HistoryPage(emptyList(), matching = 0, kept = 0, since = null)

    val lists = listOf(
        ListLine(
            id = 3,
            name = "Mine",
            category = Category.OWN,
            enabled = true,
            rules = 2,
            badLines = 1,
            bad = listOf(BadLineView(5, "no address")),
            date = 10,
            imported = 11,
            sha256 = "ef",
            ageText = "200 days old",
            problem = "",
        ),
        ListLine(
            id = -1,
            name = "",
            category = Category.TRACKER,
            enabled = false,
            rules = 0,
            badLines = 0,
            bad = emptyList(),
            date = null,
            imported = -1,
            sha256 = "",
            ageText = "",
            problem = "gone",
        ),
    )

    val practice = PracticeReport(
        running = true,
        links = listOf(PracticeLinkLine(LinkState.FAILED, "No notification")),
        lastPassed = 5,
    )

    val stats = Stats(
        generation = 1,
        state = SessionState.FAILED,
        stateText = "It failed.",
        since = 2,
        lastLook = null,
        polls = 3,
        watched = 4,
        asleep = 5,
        denied = 6,
        stopped = 7,
        connections = 8,
        alerts = 9,
        dropped = 10,
        ongoingTitle = "Watching",
        ongoingText = "since noon",
        mutes = mutes.map { MuteLine(it, "muted") },
        version = "0.1.0",
    )

    val ownerDetails = OwnerDetails(
        owner = owner,
        sentences = listOf("It lies on /system."),
        packages = listOf(
            PackageLine(
                name = "com.example.sync",
                label = "Sync",
                version = "1.0",
                place = "/system",
                signer = "ab",
                installer = "nobody",
                firstInstall = 1,
            ),
        ),
        destinations = listOf(
            Destination(
                remote = "203.0.113.7:443",
                protocol = Protocol.TCP,
                firstSeen = 1,
                lastSeen = 2,
                count = 3,
                level = Level.NOTED,
            ),
        ),
        connections = listOf(connection),
        firstSeen = 1,
        lastSeen = 2,
        bytes = ByteCounts(received = 4, sent = 5),
        timeline = listOf(TimelineHour(start = 6, opened = 7, alerts = 8, watchedPercent = 200)),
        timelineText = "Quiet.",
        muted = true,
    )

    val ownerDetailsBare = OwnerDetails(
        owner = ownerUnknown,
        sentences = emptyList(),
        packages = emptyList(),
        destinations = emptyList(),
        connections = emptyList(),
        firstSeen = null,
        lastSeen = null,
        bytes = null,
        timeline = emptyList(),
        timelineText = "",
        muted = false,
    )

    val connectionDetails = ConnectionDetails(
        line = connection,
        sentences = listOf("It opened."),
        matches = listOf(
            MatchLine(
                level = Level.MATCH,
                list = "Mine",
                category = Category.OWN,
                entry = "203.0.113.0/24",
                line = 9,
                listDate = null,
                listSha256 = "cd",
                weakened = listOf("UDP."),
            ),
        ),
        history = listOf(told),
    )

    val boardQuery = BoardQuery(
        text = "例 😀\u0000",
        owners = OwnerChoice.APPS,
        alertsOnly = true,
        protocol = Protocol.ICMP,
        listeners = ListenerChoice.ONLY,
        ownerKey = "10087",
        sort = Sort.REMOTE,
        limit = 50,
    )

    val historyQuery = HistoryQuery(
        kinds = ToldKind.entries,
        text = "a",
        ownerKey = "",
        before = -1,
        limit = 500,
    )

    val packageFeed = PackageFeed(
        ListPermission.GRANTED,
        listOf(
            PackageFacts(
                name = "com.example.sync",
                uid = 10_087,
                system = true,
                updatedSystem = true,
                sourcePath = "/data/app/com.example.sync-1/base.apk",
                factoryPath = "/system/app/Sync",
                version = "1.0",
                label = "同步",
                signers = listOf("ab01", "cd02"),
                installerKnown = true,
                installer = "com.example.store",
                launcherEntry = false,
                firstInstall = 1_400_000_000_000,
            ),
            PackageFacts(
                name = "android",
                uid = 1_000,
                system = false,
                updatedSystem = false,
                sourcePath = null,
                factoryPath = null,
                version = null,
                label = null,
                signers = emptyList(),
                installerKnown = false,
                installer = null,
                launcherEntry = null,
                firstInstall = null,
            ),
        ),
    )

    val counters = listOf(UidBytes(uid = 10_087, received = 1, sent = 1L shl 40))

    val listChanges = listOf(
        ListChange.Look,
        ListChange.Import("Mine", Category.REPORTED, "/a"),
        ListChange.Import("", null, "/b"),
        ListChange.Replace(1, "/c"),
        ListChange.Enable(2, true),
        ListChange.Categorise(3, Category.VENDOR_SERVICE),
        ListChange.Remove(4),
    )

    val muteRules: List<MuteRule> = mutes

    val practiceSteps = listOf(
        PracticeStep.Look,
        PracticeStep.Begin,
        PracticeStep.Notified(true),
        PracticeStep.Confirmed(false),
    )

    val notes = listOf(NoteKind.Death(-3), NoteKind.StartMissed, NoteKind.StartedBy)
        .map { Note(1_700_000_000_000, it, "boot") }

    val config = Config(
        stateFolder = "/data/user_de/0/org.portlog/files",
        procRoot = "/proc",
        sdk = 19,
        settings = Settings(
            language = "zh-Hant",
            utcOffsetSeconds = -12_600,
            scopeAll = true,
            intervalMillis = 1_000,
            idleIntervalMillis = 5_000,
        ),
        log = LogSamples.config,
    )
}
