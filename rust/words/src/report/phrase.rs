//! The fixed parts of the report.

/// Declares the phrases once, as variants and as a list.
macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A heading, label or fixed sentence of the report.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum Phrase {
            $($(#[$doc])* $name,)*
        }

        impl Phrase {
            /// Every phrase.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
        }
    };
}

phrases! {
    /// The page's title.
    Title,
    /// The heading of the list of sections.
    Contents,
    /// Heading: what the check of the file found.
    Verdict,
    /// What stands before the fixed lines where the page is in another language.
    InEnglish,
    /// The verdict's second line.
    DoesNotProve,
    /// Label: the level of evidence.
    EvidenceLevel,
    /// Level L0.
    LevelSelf,
    /// Level L1.
    LevelPinned,
    /// Level L3.
    LevelWitnessed,
    /// Label: from when to when.
    PeriodShown,
    /// How times are to be read.
    ByThePhonesClock,
    /// Label: the file.
    File,
    /// Label: the file's digest.
    FileDigest,
    /// Label: the log's identity.
    Origin,
    /// Label: what kind of file.
    Mode,
    /// Chosen entries.
    ModeSparse,
    /// All entries.
    ModeFull,
    /// Label: the case.
    Case,
    /// Label: the operator.
    Operator,
    /// Heading: the phone.
    Device,
    /// What the values are worth.
    DeviceNote,
    /// No device entry.
    DeviceNotShown,
    /// Caption.
    DeviceFacts,
    /// Caption.
    DeviceChanges,
    /// Label.
    Model,
    /// Label.
    Fingerprint,
    /// Label.
    Tags,
    /// Label.
    SecurityPatch,
    /// Label.
    Kernel,
    /// Label.
    Baseband,
    /// Label.
    VerifiedBoot,
    /// Label.
    Bootloader,
    /// Label.
    Selinux,
    /// Label.
    Adb,
    /// Label.
    PortlogVersion,
    /// Label.
    ApkSigner,
    /// Column: the value before.
    Before,
    /// Column: the value since.
    After,
    /// A flag.
    Yes,
    /// A flag.
    No,
    /// Caption: the watches of the log.
    Watches,
    /// Column: how rows were obtained.
    Obtained,
    /// A provenance.
    ObtainedLive,
    /// A provenance.
    ObtainedHelper,
    /// A provenance.
    ObtainedAdb,
    /// A provenance.
    ObtainedImport,
    /// A provenance.
    ObtainedReplay,
    /// A provenance.
    ObtainedSimulated,
    /// A provenance that is not known.
    ObtainedUnknown,
    /// Column.
    Interval,
    /// Column.
    Scope,
    /// A scope.
    ScopeFirmware,
    /// A scope.
    ScopeAll,
    /// Heading.
    Seen,
    /// Heading.
    Alerts,
    /// No alert is shown.
    NoAlerts,
    /// Heading.
    Noted,
    /// Heading.
    Practice,
    /// What practice alerts are.
    PracticeNote,
    /// Label.
    Level,
    /// Label.
    Owner,
    /// Label.
    Packages,
    /// Label.
    Uid,
    /// Label.
    Firmware,
    /// Label.
    Role,
    /// Label.
    Program,
    /// Label.
    WhatWasSeen,
    /// Label.
    Peer,
    /// Label.
    PeerNames,
    /// Label.
    Reason,
    /// A reason.
    ReasonFirstSeen,
    /// A reason.
    ReasonListener,
    /// A reason.
    ReasonBytes,
    /// A reason.
    ReasonEntry,
    /// Label.
    Bytes,
    /// Label.
    ListEntry,
    /// Label.
    ListName,
    /// Label.
    ListLine,
    /// Label.
    Category,
    /// Label.
    ListDated,
    /// No date.
    Undated,
    /// Label.
    ListDigest,
    /// Label.
    HowHit,
    /// Label.
    WhyNoMore,
    /// Label: the last look that did not show it.
    OpenedAfter,
    /// Label: the look that showed it.
    OpenedBy,
    /// There was no look before.
    AtFirstLook,
    /// The entry that has the times is not in the file.
    BetweenNotShown,
    /// Label.
    FirstSeen,
    /// Label.
    LastSeen,
    /// Label.
    Connections,
    /// When it was last seen, by the entry of the alert.
    LastSeenAtAlert,
    /// How many connections the entry of the alert counts.
    ConnectionsAtAlert,
    /// Label.
    Candidates,
    /// Label.
    EntriesInFile,
    /// A field that is withheld.
    Withheld,
    /// A field that says nothing.
    NotSaid,
    /// Who it was is not known.
    NotKnown,
    /// The entry that says who a UID is is not in the file.
    OwnerNotShown,
    /// Heading.
    Explains,
    /// Where fields are withheld.
    ExplainsMore,
    /// Heading.
    Destinations,
    /// What an address says.
    DestinationsNote,
    /// No connection entry is shown.
    NoConnections,
    /// A socket without a peer.
    NoPeer,
    /// Column.
    Protocol,
    /// Column.
    State,
    /// Column.
    Direction,
    /// Heading.
    Timeline,
    /// How the strips are to be read.
    TimelineNote,
    /// No times are shown.
    NoPeriod,
    /// A lane: somebody looked.
    Watched,
    /// A lane: the phone slept.
    Asleep,
    /// A lane: no table could be read.
    Denied,
    /// A lane: the watch did not run.
    Stopped,
    /// A lane: nothing shown says.
    NotAccounted,
    /// What it means.
    WatchedMeans,
    /// What it means.
    AsleepMeans,
    /// What it means.
    DeniedMeans,
    /// What it means.
    StoppedMeans,
    /// What it means.
    NotAccountedMeans,
    /// A lane.
    Marks,
    /// Caption.
    TimelineTable,
    /// Column.
    From,
    /// Caption.
    Happenings,
    /// Column.
    Time,
    /// Column.
    What,
    /// Column: begin of a gap.
    Until,
    /// A preset mark.
    MarkSimIn,
    /// A preset mark.
    MarkContactSaved,
    /// A preset mark.
    MarkMessageSent,
    /// A preset mark.
    MarkServiceOff,
    /// A preset mark.
    MarkUpdate,
    /// A preset mark.
    MarkSignIn,
    /// A mark in words.
    MarkWords,
    /// Heading.
    Coverage,
    /// What a refused table means.
    CoverageNote,
    /// No coverage entry is shown.
    CoverageNotShown,
    /// Caption.
    HoursTable,
    /// Column.
    Means,
    /// Column.
    Duration,
    /// Caption.
    TablesTable,
    /// Column.
    Status,
    /// Caption.
    ListsTable,
    /// No list is shown.
    NoLists,
    /// Column.
    Rules,
    /// Column.
    BadLines,
    /// Heading.
    OtherExplanations,
    /// How to read them.
    OtherExplanationsNote,
    /// Column.
    Explanation,
    /// Column.
    AppliesTo,
    /// Heading.
    Limits,
    /// A limit.
    LimitTruth,
    /// A limit.
    LimitContent,
    /// A limit.
    LimitWho,
    /// A limit.
    LimitProvoked,
    /// A limit.
    LimitHost,
    /// A limit.
    LimitChosen,
    /// A limit.
    LimitTail,
    /// A limit.
    LimitTime,
    /// A limit.
    LimitSilence,
    /// A limit.
    LimitOverridden,
    /// Heading.
    Check,
    /// What the evidence is.
    CheckNote,
    /// A step.
    CheckDigest,
    /// A step.
    CheckVerify,
    /// A step.
    CheckKey,
    /// A step.
    CheckByHand,
    /// Heading.
    Questions,
    /// What questions are.
    QuestionsNote,
    /// There is nothing to ask about.
    QuestionsNone,
    /// A question.
    AskWhich,
    /// A question.
    AskData,
    /// A question.
    AskWhy,
    /// A question.
    AskOff,
    /// A question.
    AskSince,
    /// The footer.
    MadeBy,
}
