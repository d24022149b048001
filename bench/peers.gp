# SPDX-License-Identifier: MPL-2.0
# peers.gp - the figures of bench_peers as bars. Needs data and picture:
#     gnuplot -e "data='peers.dat'" -e "picture='peers.svg'" peers.gp
set terminal svg size 900,460 font "sans,12" background "#ffffff"
set output picture
set title "Single items from process to process, 64 bytes"
set ylabel "thousand items per second"
set logscale y
set yrange [1:*]
set grid ytics lc rgb "#dddddd"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 noborder
set boxwidth 0.9
set xtics rotate by -30 noenhanced
set key top right
set datafile missing "-"
plot data using 3:xtic(1) every ::1 title "ipc" lc rgb "#3366aa", \
     data using 6 every ::1 title "tcp" lc rgb "#dd8833"
