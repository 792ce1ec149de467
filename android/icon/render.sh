#!/bin/sh
# Makes the launcher's bitmaps for Android below 8 out of app_icon.svg. Needs rsvg-convert
# (Debian: librsvg2-bin). Run it after a change of the drawing and commit what it wrote.
set -eu
here=$(dirname "$0")
res="$here/../src/main/res"
while read -r density pixels; do
    mkdir -p "$res/mipmap-$density"
    rsvg-convert --width "$pixels" --height "$pixels" "$here/app_icon.svg" \
        --output "$res/mipmap-$density/app_icon.png"
done <<SIZES
mdpi 48
hdpi 72
xhdpi 96
xxhdpi 144
xxxhdpi 192
SIZES
