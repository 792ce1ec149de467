package androidx.test.runner.lifecycle

/** Where an activity is in its life. */
enum class Stage {
    PRE_ON_CREATE,
    CREATED,
    STARTED,
    RESUMED,
    PAUSED,
    STOPPED,
    RESTARTED,
    DESTROYED,
}

/** Where the application is in its life. */
enum class ApplicationStage {
    PRE_ON_CREATE,
    CREATED,
}
