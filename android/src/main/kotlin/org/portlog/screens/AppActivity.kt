package org.portlog.screens

import android.os.Bundle
import android.widget.LinearLayout
import org.portlog.R
import org.portlog.core.Agent
import org.portlog.core.Destination
import org.portlog.core.MuteRule
import org.portlog.core.OwnerDetails
import org.portlog.core.PackageLine
import org.portlog.screens.parts.TimelineChart
import org.portlog.screens.parts.add
import org.portlog.screens.parts.address
import org.portlog.screens.parts.bytes
import org.portlog.screens.parts.card
import org.portlog.screens.parts.day
import org.portlog.screens.parts.fact
import org.portlog.screens.parts.group
import org.portlog.screens.parts.heading
import org.portlog.screens.parts.leading
import org.portlog.screens.parts.levelMark
import org.portlog.screens.parts.line
import org.portlog.screens.parts.moment
import org.portlog.screens.parts.nothing
import org.portlog.screens.parts.number
import org.portlog.screens.parts.opening
import org.portlog.screens.parts.points
import org.portlog.screens.parts.protocolWord
import org.portlog.screens.parts.quietButton
import org.portlog.screens.parts.softText
import org.portlog.screens.parts.stateWord
import org.portlog.screens.parts.text
import org.portlog.screens.watch.OnlyOwner
import org.portlog.screens.watch.packagesText
import org.portlog.service.ScreenIntents

/** Everything about one owner: an app, a set of packages under one UID, or a part of the system. */
class AppActivity : DetailScreen<OwnerDetails>() {
    override val heading: Int = R.string.owner_title
    override val gone: Int = R.string.owner_gone

    private val key: String by lazy { intent.getStringExtra(ScreenIntents.EXTRA_OWNER).orEmpty() }
    private var chartInWords = false
    private val opened = mutableSetOf<String>()

    override fun onCreate(savedInstanceState: Bundle?) {
        chartInWords = savedInstanceState?.getBoolean(WORDS) ?: false
        savedInstanceState?.getStringArrayList(OPENED)?.let { opened += it }
        super.onCreate(savedInstanceState)
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putBoolean(WORDS, chartInWords)
        outState.putStringArrayList(OPENED, ArrayList(opened))
    }

    override fun load(agent: Agent): OwnerDetails? = agent.owner(key)

    override fun LinearLayout.fill(shown: OwnerDetails) {
        head(shown)
        timeline(shown)
        connections(shown)
        destinations(shown.destinations)
        packages(shown.packages)
        add(
            quietButton(
                context,
                getString(if (shown.muted) R.string.unmute_owner else R.string.mute_this_owner),
            ) {
                ask(work = { it.mute(MuteRule.Owner(key), !shown.muted) }) { again() }
            },
            top = 16,
        )
    }

    private fun LinearLayout.head(shown: OwnerDetails) {
        add(
            card(context) {
                add(heading(context, shown.owner.name, HEAD))
                val packages = packagesText(context, shown.owner)
                if (packages.isNotEmpty()) add(softText(context, packages), top = 2)
                add(text(context, shown.owner.kindText), top = 4)
                points(shown.sentences)
                shown.owner.uid?.let {
                    fact(getString(R.string.fact_uid), it.toString(), mono = true)
                }
                shown.owner.user?.takeIf { it != 0 }?.let {
                    fact(getString(R.string.fact_user), it.toString(), mono = true)
                }
                shown.firstSeen?.let { fact(getString(R.string.owner_first), moment(context, it)) }
                shown.lastSeen?.let { fact(getString(R.string.owner_last), moment(context, it)) }
                val counted = shown.bytes
                fact(
                    getString(R.string.fact_bytes),
                    if (counted == null) {
                        getString(R.string.bytes_not_counted)
                    } else {
                        getString(
                            R.string.bytes_counted,
                            bytes(context, counted.received),
                            bytes(context, counted.sent),
                        )
                    },
                )
            },
            top = 12,
        )
    }

    private fun LinearLayout.timeline(shown: OwnerDetails) {
        group(getString(R.string.owner_timeline)) {
            if (chartInWords) {
                add(text(context, shown.timelineText), top = 8)
            } else {
                val chart = TimelineChart(context)
                chart.show(shown.timeline, shown.timelineText)
                add(chart, top = 12)
                add(softText(context, getString(R.string.timeline_legend)), top = 8)
            }
            val other = if (chartInWords) R.string.timeline_chart else R.string.timeline_words
            add(
                quietButton(context, getString(other)) {
                    chartInWords = !chartInWords
                    rebuild()
                },
                top = 8,
            )
        }
    }

    private fun LinearLayout.connections(shown: OwnerDetails) {
        group(getString(R.string.owner_open_now)) {
            if (shown.connections.isEmpty()) {
                nothing(context, R.string.owner_none_open)
            } else {
                val only = OnlyOwner(key, shown.owner.name)
                add(
                    quietButton(context, getString(R.string.owner_only)) {
                        startActivity(Doors.connectionsOf(context, only))
                    },
                    top = 8,
                )
            }
            for (connection in shown.connections) {
                leading(
                    connection.text,
                    { startActivity(ScreenIntents.connection(context, connection.id)) },
                ) {
                    connection.level?.let { add(levelMark(context, it)) }
                    val end = if (connection.listener) connection.local else connection.remote
                    add(address(context, end))
                    connection.names.forEach { add(softText(context, it)) }
                    add(
                        softText(
                            context,
                            getString(
                                R.string.protocol_and_state,
                                protocolWord(connection.protocol),
                                stateWord(context, connection),
                            ),
                        ),
                    )
                }
            }
        }
    }

    private fun LinearLayout.destinations(destinations: List<Destination>) {
        group(getString(R.string.owner_destinations)) {
            if (destinations.isEmpty()) nothing(context, R.string.owner_no_destinations)
            destinations.take(FEW).forEach { destination(it) }
            val more = destinations.drop(FEW)
            if (more.isNotEmpty()) {
                val label = resources.getQuantityString(R.plurals.more, more.size, more.size)
                opening(label, DESTINATIONS in opened, { keep(DESTINATIONS, it) }) {
                    more.forEach { destination(it) }
                }
            }
        }
    }

    private fun LinearLayout.destination(destination: Destination) {
        val times = resources.getQuantityString(
            R.plurals.destination_times,
            destination.count.coerceAtMost(Int.MAX_VALUE.toLong()).toInt(),
            number(destination.count),
            protocolWord(destination.protocol),
        )
        val seen = getString(
            R.string.destination_seen,
            moment(context, destination.firstSeen),
            moment(context, destination.lastSeen),
        )
        destination.level?.let { add(levelMark(context, it), top = 12) }
        add(address(context, destination.remote), top = if (destination.level == null) 12 else 2)
        add(softText(context, times), top = 2)
        add(softText(context, seen), top = 2)
    }

    private fun LinearLayout.packages(packages: List<PackageLine>) {
        group(
            resources.getQuantityString(R.plurals.owner_packages, packages.size, packages.size),
        ) {
            if (packages.isEmpty()) nothing(context, R.string.owner_no_packages)
            packages.forEachIndexed { i, one ->
                if (i > 0) line(top = 12)
                add(heading(context, one.label.ifEmpty { one.name }), top = 12)
                fact(getString(R.string.package_name), one.name, mono = true)
                fact(getString(R.string.package_version), one.version)
                fact(getString(R.string.package_place), one.place)
                fact(getString(R.string.package_installer), one.installer)
                one.firstInstall?.let { fact(getString(R.string.package_since), day(context, it)) }
                if (one.signer.isNotEmpty()) {
                    val id = SIGNER + one.name
                    opening(getString(R.string.package_signer), id in opened, { keep(id, it) }) {
                        add(address(context, one.signer))
                    }
                }
            }
        }
    }

    private fun keep(what: String, open: Boolean) {
        if (open) opened += what else opened -= what
    }

    private companion object {
        const val WORDS = "words"
        const val OPENED = "opened"
        const val DESTINATIONS = "destinations"
        const val SIGNER = "signer "
        const val HEAD = 20f
        const val FEW = 8
    }
}
