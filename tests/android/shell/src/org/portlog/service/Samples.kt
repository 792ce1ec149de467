package org.portlog.service

import org.portlog.core.AlertView
import org.portlog.core.Category
import org.portlog.core.Firmware
import org.portlog.core.Level
import org.portlog.core.OwnerKind
import org.portlog.core.OwnerLine

/** An alert as the core tells it, for tests of what is done with one. */
fun alert(
    key: String = "10087 list.txt 203.0.113.7",
    level: Level = Level.MATCH,
    sounds: Boolean = level == Level.MATCH,
    practice: Boolean = false,
    muted: Boolean = false,
    ownerKey: String = "uid:10087",
    body: String = "com.example.sync had a connection with 203.0.113.7. List list.txt, line 3. Once.",
): AlertView = AlertView(
    key = key,
    level = level,
    sounds = sounds,
    practice = practice,
    muted = muted,
    title = "com.example.sync",
    text = "com.example.sync had a connection with 203.0.113.7.",
    body = body,
    publicText = "A new finding.",
    owner = OwnerLine(
        ownerKey,
        10087,
        0,
        "com.example.sync",
        OwnerKind.APP,
        Firmware.YES,
        "Comes with the phone",
        listOf("com.example.sync"),
    ),
    remote = "203.0.113.7:443",
    list = "list.txt",
    entry = "203.0.113.7",
    category = Category.OWN,
    weakened = emptyList(),
    explanations = emptyList(),
    advice = emptyList(),
    candidates = emptyList(),
    firstSeen = 1_000,
    lastSeen = 2_000,
    count = 1,
    bundled = 0,
    connection = 5,
)
