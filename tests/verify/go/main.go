// Command check verifies the cryptography of log bundles with the Go project's own packages for signed
// notes and transparent logs: every signature by note.Open, every inclusion proof by tlog.CheckRecord,
// every consistency proof by tlog.CheckTree, the root of a full log by tlog.StoredHashes and
// tlog.TreeHash.
//
// It reads the text leniently on purpose: grammar is what the other verifiers hold, this one holds what
// is computed. It prints "FILE ok" or "FILE rejected: REASON", and exits with 0 if all are ok.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	status := 0
	for _, name := range os.Args[1:] {
		text, err := os.ReadFile(name)
		if err == nil {
			err = check(text)
		}
		if err != nil {
			fmt.Printf("%s rejected: %v\n", name, err)
			status = 1
			continue
		}
		fmt.Printf("%s ok\n", name)
	}
	os.Exit(status)
}

// An entry as the file has it: its place, its leaf, its proof where there is one.
type entry struct {
	index int64
	leaf  tlog.Hash
	vkey  string
	proof []tlog.Hash
}

// A signed state, and the proof of what comes next.
type state struct {
	size        int64
	root        tlog.Hash
	text        []byte
	consistency []tlog.Hash
}

// An epoch: its key, and from the second on the entry and the boundary that name it.
type epoch struct {
	vkey     string
	entry    entry
	boundary state
}

type bundle struct {
	origin     string
	full       bool
	entries    []entry
	checkpoint state
	epochs     []epoch
	earlier    []state
}

func check(text []byte) error {
	b, err := parse(text)
	if err != nil {
		return err
	}
	if len(b.epochs) == 0 {
		return errors.New("no epoch")
	}
	if err := b.checkOrigin(); err != nil {
		return err
	}
	for i := 1; i < len(b.epochs); i++ {
		e := b.epochs[i]
		if e.entry.vkey != e.vkey {
			return fmt.Errorf("epoch %d: the entry names another key", i)
		}
		if e.entry.index != e.boundary.size-1 {
			return fmt.Errorf("epoch %d: the entry is not the boundary's last", i)
		}
		if err := checkRecord(e.entry, e.boundary); err != nil {
			return fmt.Errorf("epoch %d: %w", i, err)
		}
		if err := open(e.boundary, b.epochs[i-1].vkey, e.vkey); err != nil {
			return fmt.Errorf("epoch %d: %w", i, err)
		}
		next := b.checkpoint
		if i+1 < len(b.epochs) {
			next = b.epochs[i+1].boundary
		}
		if err := checkTree(e.boundary, next); err != nil {
			return fmt.Errorf("epoch %d: %w", i, err)
		}
	}
	if err := open(b.checkpoint, b.signers(b.checkpoint.size)...); err != nil {
		return err
	}
	for _, s := range b.earlier {
		if err := open(s, b.signers(s.size)...); err != nil {
			return err
		}
		if err := checkTree(s, b.checkpoint); err != nil {
			return err
		}
	}
	if b.full {
		return b.checkAll()
	}
	for _, e := range b.entries {
		if err := checkRecord(e, b.checkpoint); err != nil {
			return err
		}
	}
	return nil
}

// checkOrigin checks that the log's name is made of its first key.
func (b *bundle) checkOrigin() error {
	parts := strings.SplitN(b.epochs[0].vkey, "+", 3)
	if len(parts) != 3 || parts[0] != b.origin {
		return errors.New("the first key is another log's")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	digest := sha256.Sum256(append([]byte("portlog/log/v1\n"), key...))
	if b.origin != "portlog/log/"+hex.EncodeToString(digest[:]) {
		return errors.New("the log's name is made of another key")
	}
	return nil
}

// signers returns the keys that must have signed the state of this size.
func (b *bundle) signers(size int64) []string {
	owner := 0
	for owner+1 < len(b.epochs) && b.epochs[owner+1].boundary.size < size {
		owner++
	}
	keys := []string{b.epochs[owner].vkey}
	if owner+1 < len(b.epochs) && b.epochs[owner+1].boundary.size == size {
		keys = append(keys, b.epochs[owner+1].vkey)
	}
	return keys
}

// checkAll checks that all leaves together have the signed root.
func (b *bundle) checkAll() error {
	if int64(len(b.entries)) != b.checkpoint.size {
		return errors.New("leaves are missing")
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for i, e := range b.entries {
		if e.index != int64(i) {
			return errors.New("leaves are out of order")
		}
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), e.leaf, reader)
		if err != nil {
			return err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(b.checkpoint.size, reader)
	if err != nil {
		return err
	}
	if root != b.checkpoint.root {
		return errors.New("the leaves have another root")
	}
	return nil
}

func checkRecord(e entry, s state) error {
	if e.index >= s.size {
		return errors.New("an entry beyond the end")
	}
	return tlog.CheckRecord(e.proof, s.size, s.root, e.index, e.leaf)
}

func checkTree(old, new state) error {
	if old.size == new.size {
		if old.root != new.root || len(old.consistency) > 0 {
			return errors.New("two states of one size")
		}
		return nil
	}
	if old.size > new.size {
		return errors.New("a state beyond the end")
	}
	return tlog.CheckTree(old.consistency, new.size, new.root, old.size, old.root)
}

// open checks that each of the keys signed the state, and no other key of the log did.
func open(s state, vkeys ...string) error {
	for _, vkey := range vkeys {
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return err
		}
		opened, err := note.Open(s.text, note.VerifierList(verifier))
		if err != nil {
			return err
		}
		own := 0
		for _, signature := range append(opened.Sigs, opened.UnverifiedSigs...) {
			if signature.Name == verifier.Name() {
				own++
			}
		}
		if own != len(vkeys) {
			return fmt.Errorf("%d signatures in the log's name", own)
		}
	}
	return nil
}

// A reader of lines that can look one ahead.
type lines struct {
	scanner *bufio.Scanner
	ahead   string
	more    bool
}

func (l *lines) take() string {
	line := l.ahead
	l.more = l.scanner.Scan()
	l.ahead = l.scanner.Text()
	return line
}

func parse(text []byte) (*bundle, error) {
	l := &lines{scanner: bufio.NewScanner(bytes.NewReader(text))}
	l.take()
	b := &bundle{}
	for l.more {
		word, rest, _ := strings.Cut(l.take(), " ")
		var err error
		switch word {
		case "origin":
			b.origin = rest
		case "mode":
			b.full = rest == "full"
		case "entry":
			var e entry
			e, err = b.entry(l, rest)
			b.entries = append(b.entries, e)
		case "leaf":
			index, hash, _ := strings.Cut(rest, " ")
			var e entry
			if e.index, err = strconv.ParseInt(index, 10, 64); err == nil {
				e.leaf, err = tlog.ParseHash(hash)
			}
			b.entries = append(b.entries, e)
		case "checkpoint":
			b.checkpoint, err = parseState(l)
		case "epoch":
			var e epoch
			e, err = b.epoch(l)
			b.epochs = append(b.epochs, e)
		case "earlier":
			var s state
			s, err = parseState(l)
			b.earlier = append(b.earlier, s)
		}
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

func (b *bundle) entry(l *lines, index string) (e entry, err error) {
	if e.index, err = strconv.ParseInt(index, 10, 64); err != nil {
		return e, err
	}
	leaf := b.origin + "/entry/v1\nindex " + index + "\n" + l.take() + "\n" + l.take() + "\n"
	for l.more && l.ahead != "" && !strings.HasPrefix(l.ahead, "proof ") {
		parts := strings.SplitN(l.take(), " ", 4)
		switch {
		case len(parts) == 3 && parts[1] == "#":
			leaf += parts[0] + " " + parts[2] + "\n"
		case len(parts) == 4 && parts[1] == "=":
			digest := sha256.Sum256([]byte(parts[0] + "\n" + parts[2] + "\n" + parts[3]))
			leaf += parts[0] + " " + base64.StdEncoding.EncodeToString(digest[:]) + "\n"
			if parts[0] == "vkey" {
				e.vkey = parts[3]
			}
		default:
			return e, errors.New("a field that is none")
		}
	}
	e.leaf = tlog.RecordHash([]byte(leaf))
	if strings.HasPrefix(l.ahead, "proof ") {
		e.proof, err = hashes(l)
	}
	return e, err
}

func (b *bundle) epoch(l *lines) (e epoch, err error) {
	e.vkey = strings.TrimPrefix(l.take(), "vkey ")
	if len(b.epochs) == 0 {
		return e, nil
	}
	l.take()
	if e.entry, err = b.entry(l, strings.TrimPrefix(l.take(), "entry ")); err != nil {
		return e, err
	}
	l.take()
	l.take()
	e.boundary, err = parseState(l)
	return e, err
}

// parseState reads a note and, where it follows, its consistency proof.
func parseState(l *lines) (s state, err error) {
	var text strings.Builder
	for i := 0; i < 4; i++ {
		line := l.take()
		text.WriteString(line + "\n")
		switch i {
		case 1:
			s.size, err = strconv.ParseInt(line, 10, 64)
		case 2:
			s.root, err = tlog.ParseHash(line)
		}
		if err != nil {
			return s, err
		}
	}
	for l.more && l.ahead != "" && !strings.HasPrefix(l.ahead, "consistency ") {
		text.WriteString(l.take() + "\n")
	}
	s.text = []byte(text.String())
	if strings.HasPrefix(l.ahead, "consistency ") {
		s.consistency, err = hashes(l)
	}
	return s, err
}

func hashes(l *lines) ([]tlog.Hash, error) {
	_, count, _ := strings.Cut(l.take(), " ")
	n, err := strconv.Atoi(count)
	if err != nil || n > 63 {
		return nil, errors.New("a proof of too many hashes")
	}
	var found []tlog.Hash
	for i := 0; i < n; i++ {
		hash, err := tlog.ParseHash(l.take())
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}
