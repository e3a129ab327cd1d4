#!/bin/sh
# Makes the recordings on which localization is measured: 20 kinds of anomaly, each put into the same 20 normal
# recordings of PTB-XL's fold 9, with the truth about every sample.
#
#   localization_benchmark.sh PTB_XL OUT [SEED [PARITY [NORMALS]]]
#   systolic evaluate --localization OUT
#
# PTB_XL is the archive's folder. SEED (1) chooses the normal recordings and draws what is drawn. PARITY: recordings
# with even (0, the benchmark) or odd (1, for tuning) ecg_id. NORMALS (20): how many. The program is $SYSTOLIC or
# `systolic`. The same arguments make the same files.
set -eu
if [ $# -lt 2 ]; then
  sed -n '2,/^set/s/^# \{0,1\}//p' "$0"
  exit 2
fi
archive=$1 out=$2 seed=${3:-1} parity=${4:-0} normals=${5:-20}
program=${SYSTOLIC:-systolic}
kinds="pvc pac lbbb rbbb low-voltage af pause paced"
for change in st-elevation st-depression t-inversion; do
  for wall in anterior inferior lateral septal; do kinds="$kinds $change-$wall"; done
done

# Sinus rhythm, normal, and nothing else; in an order that the seed draws. The last three columns of the table are
# strat_fold, filename_lr and filename_hr.
candidates=$(awk -F, -v seed="$seed" -v parity="$parity" '
  NR > 1 && $(NF - 2) == 9 && $1 % 2 == parity {
    match($0, /\{[^}]*\}/)
    codes = substr($0, RSTART, RLENGTH)
    gsub(/[^A-Z,]/, "", codes)
    if (codes == "NORM,SR" || codes == "SR,NORM") print ($1 * 7919 + seed * 104729) % 10007, $1, $(NF - 1), $NF
  }' "$archive/ptbxl_database.csv" | sort -n)

mkdir -p "$out"
made=0
echo "$candidates" | {
  while [ "$made" -lt "$normals" ] && read -r _ id low high; do
    record=$archive/$high
    [ -f "$record.hea" ] || record=$archive/$low
    # A recording that one kind finds no room in is passed over for all.
    complete=yes
    for kind in $kinds; do
      "$program" synth "$out/$kind-$id" --into "$record" --anomaly "$kind" --seed $((seed * 100000 + id)) --quiet \
        >/dev/null 2>"$out/refused.txt" || { complete=no; break; }
    done
    if [ $complete = yes ]; then
      made=$((made + 1))
    else
      sed "s/^/passed over: /" "$out/refused.txt" >&2
      for kind in $kinds; do rm -f "$out/$kind-$id.hea" "$out/$kind-$id.dat" "$out/$kind-$id.atr" "$out/$kind-$id.truth.npy"; done
    fi
  done
  rm -f "$out/refused.txt"
  echo "$made normal recordings with $(echo "$kinds" | wc -w) kinds of anomaly each in $out"
  [ "$made" -eq "$normals" ]
}
