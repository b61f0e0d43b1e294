#!/usr/bin/env bash
# One laptop, one evening: walks the whole chain through the API of a running demo, as a stranger's script would.
#
#   rebond demo --dir rebond-demo &          (or: cargo run -- demo)
#   tests/walk.sh [rebond-demo] [nwipe.log]
#
# Takes the demo's folder, where demo.json is, and the log of a real erasure by nwipe (one of tests/fixtures by
# default). Needs bash, curl, awk and sed; nothing else. Stops at the first answer that is not as it should be.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
demo=${1:-rebond-demo}
log=${2:-}
[ -f "$demo/demo.json" ] || { echo "walk: $demo/demo.json is not there: start \`rebond demo --dir $demo\` first" >&2; exit 2; }

url=$(sed -n 's/.*"url": *"\([^"]*\)".*/\1/p' "$demo/demo.json" | head -1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# of ROLE KEY: what demo.json says of the first account of a role
of() { awk -F'"' -v role="$1" -v key="$2" '$2=="role"{mine=($4==role)} mine && $2==key{print $4; exit}' "$demo/demo.json"; }
# field KEY: the first "KEY":"…" or number of the last answer
field() { grep -o "\"$1\":\(\"[^\"]*\"\|[0-9][0-9]*\)" "$work/body" | head -1 | sed 's/^[^:]*://; s/"//g' || true; }
uuid() { cat /proc/sys/kernel/random/uuid; }
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
done_() { printf '   %s\n' "$*"; }

# ask ROLE METHOD PATH [JSON | @FILE]: the answer lands in $work/body; anything but 2xx ends the walk
ask() {
  local role=$1 method=$2 path=$3 body=${4:-} type=application/json
  case $body in @*) type=application/octet-stream ;; esac
  local status
  status=$(curl -sS -o "$work/body" -w '%{http_code}' -X "$method" "$url$path" \
    -H "Authorization: Bearer $(of "$role" token)" ${body:+-H "Content-Type: $type" --data-binary "$body"})
  case $status in
    2*) ;;
    *) printf '\nwalk: %s %s as %s answered %s:\n' "$method" "$path" "$role" "$status" >&2; cat "$work/body" >&2; echo >&2; exit 1 ;;
  esac
}

# scan ROLE CODE ACTION SITE [DATA]
scan() { ask "$1" POST /api/v1/scans "{\"scan_id\":\"$(uuid)\",\"code\":\"$2\",\"action\":\"$3\",\"site\":\"$4\",\"data\":${5:-{\}}}"; }

counter=$(of collection_agent site)
workshop=$(of refurbisher site)
desk=$(of mediator site)
dock=$(of storekeeper site)
if [ -z "$log" ]; then
  # The same disk can't be in two computers: each walk has one of its own.
  log=$work/nwipe.log
  sed "s/6RX7TEST/$(uuid | tr -d - | cut -c1-8 | tr a-f A-F)/g" "$here/fixtures/evidence/nwipe-0.42-clear.txt" > "$log"
fi
disk=$(sed -n 's/.*S\/N=\([^ ]*\).*/\1/p' "$log" | head -1)
today=$(date +%F)
later=$(date -d '+60 days' +%F 2>/dev/null || date -v+60d +%F)

# give KIND MAKE MODEL: a gift at the counter; its code is in $code
give() {
  ask collection_agent POST /api/v1/donations "{\"id\":\"$(uuid)\",\"site\":\"$counter\",\"donor\":{\"kind\":\"company\",\"name\":\"Cave des Vignerons\"},\"consent_to_erasure\":true,
    \"devices\":[{\"kind\":\"$1\",\"make\":\"$2\",\"model\":\"$3\",\"serial\":\"WALK$RANDOM$RANDOM\",\"condition\":\"working\"}],\"accessories\":[{\"kind\":\"charger\",\"count\":1}]}"
  code=$(field code)
  done_ "don $(field reference), équipement $code"
}

# finish: checks, grade, ready
finish() {
  scan refurbisher "$code" start_refurbishment "$workshop"
  ask refurbisher POST "/api/v1/devices/$code/checks" '{"locks_checked":true,"locks":[],"tests":[{"test":"power","outcome":"pass"},{"test":"keyboard","outcome":"pass"},{"test":"screen","outcome":"pass"}]}'
  ask refurbisher POST "/api/v1/devices/$code/gradings" '{"observations":{"appearance":"minor_wear","screen":"clean","battery":"good","keyboard":"clean","hinges":"firm","missing_parts":"none"}}'
  done_ "grade $(field grade)"
  scan refurbisher "$code" make_ready "$workshop"
}

# welcome NAME: request, hold, booking, handover of $code
welcome() {
  local mailbox="foyer-$(uuid)@exemple.example"
  ask social_worker POST /api/v1/requests "{\"id\":\"$(uuid)\",\"household\":{\"people\":[{\"birth_date\":\"19$((RANDOM % 40 + 50))-0$((RANDOM % 9 + 1))-1$((RANDOM % 10))\",\"family_name\":\"$1\",\"given_name\":\"Foyer $RANDOM\",\"relation\":\"applicant\"}],
    \"commune\":\"34172\",\"language\":\"fr\",\"contact\":{\"email\":\"$mailbox\",\"channel\":\"email\"}},
    \"resources\":{\"net_monthly_cents\":42000},\"evidence\":[{\"kind\":\"resources\",\"seen_on\":\"$today\",\"valid_until\":\"$later\"}],\"need\":{\"kind\":\"laptop\",\"use\":\"administration\"}}"
  request=$(field reference)
  done_ "demande $request : $(field status)"
  ask coordinator POST /api/v1/allocations "{\"request\":\"$request\",\"device\":\"$code\",\"reason\":\"urgent_need\"}"
  done_ "réservé jusqu’au $(field ends_at)"
  # Today's slots, if any is left; the device is brought to the venue first.
  scan mediator "$code" receive "$desk"
  ask social_worker GET "/api/v1/slots?request=$request&venue=montpellier-permanence"
  slot=$(field id)
  ask social_worker POST /api/v1/appointments "{\"id\":\"$(uuid)\",\"requests\":[\"$request\"],\"pickup_slot\":\"$slot\",\"onboarding_slot\":\"$slot\"}"
  appointment=$(field id)
  done_ "rendez-vous $(field starts_at)"
  handover="\"appointment\":\"$appointment\",\"request\":\"$request\",\"code\":\"$code\",\"checklist\":{\"charger\":true}"
  # The six digits go to the household alone. A demo keeps its mail in its folder; else a second person stands by.
  for _ in 1 2 3 4 5 6; do
    sleep 1
    digits=$(grep -ls "^To: $mailbox" "$demo"/mail/*-booked-* | head -1 | xargs -r sed -n 's/^Votre code de retrait : *\([0-9]\{6\}\).*/\1/p' | head -1 || true)
    [ ${#digits} = 6 ] && break
  done
  if [ "${#digits}" = 6 ]; then
    ask mediator POST /api/v1/handovers "{$handover,\"pickup_code\":\"$digits\"}"
    done_ "remis, avec le code du foyer"
  else
    ask mediator POST /api/v1/handovers "{$handover,\"exception\":{\"reason\":\"lost_code\",\"witness\":\"$(of coordinator token)\"}}"
    done_ "remis, code perdu, devant une seconde personne"
  fi
}

say "1. Au comptoir de $counter : un don, une étiquette"
give laptop Lenovo "ThinkPad T440"
laptop=$code
ask collection_agent POST /api/v1/labels "{\"codes\":[\"$code\"],\"layout\":\"device\",\"stock\":\"L7651\",\"format\":\"pdf\"}"
done_ "étiquette PDF, $(wc -c < "$work/body") octets"

say "2. À l’atelier de $workshop : réception, supports, effacement prouvé par nwipe"
scan refurbisher "$code" receive "$workshop"
ask refurbisher POST "/api/v1/devices/$code/media" "{\"kind\":\"hdd\",\"serial\":\"$disk\",\"capacity_bytes\":160041885696}"
scan refurbisher "$code" start_sanitisation "$workshop"
# The log may be older than this gift: somebody who was there says that the erasure was made here, since.
ask refurbisher POST "/api/v1/devices/$code/evidence?confirm=before-donation" "@$log"
done_ "reconnu : $(field recognised)"
scan refurbisher "$code" confirm_sanitisation "$workshop"
ask refurbisher GET "/api/v1/devices/$code"
done_ "statut : $(field status)"

say "3. Réparer, contrôler, grader"
finish

say "4. Un foyer, une demande, un rendez-vous, une remise"
welcome "Marche"

say "5. L’ordinateur revient : il est de nouveau à effacer"
scan mediator "$code" return "$desk" '{"reason":"no_longer_needed","may_wipe":true}'
ask refurbisher GET "/api/v1/devices/$code"
done_ "statut : $(field status)"
scan refurbisher "$code" receive "$workshop"
medium=$(grep -o '"media":\[{"id":"[^"]*"' "$work/body" | cut -d'"' -f6 || true)
[ -n "$medium" ] || { ask refurbisher GET "/api/v1/devices/$code"; medium=$(grep -o '"media":\[{"[^}]*' "$work/body" | grep -o '"id":"[^"]*"' | head -1 | cut -d'"' -f4); }
# Inventoried again: the same disk is still in it.
ask refurbisher POST "/api/v1/devices/$code/media" "{\"kind\":\"hdd\",\"serial\":\"$disk\",\"capacity_bytes\":160041885696}"
scan refurbisher "$code" start_sanitisation "$workshop"
ask refurbisher POST "/api/v1/devices/$code/media/$medium/sanitisations" '{"method":"overwrite","level":"clear","tool":"nwipe 0.34","verification":"last_pass","result":"success"}'
scan refurbisher "$code" confirm_sanitisation "$workshop"
finish

say "6. … et il sert à un autre foyer"
welcome "Retour"

say "7. Un autre est irréparable : il part en déchet, pesé"
give desktop HP "EliteDesk 800"
scan refurbisher "$code" receive "$workshop"
ask refurbisher POST "/api/v1/devices/$code/media" '{"none_seen":true}'
scan refurbisher "$code" declare_end_of_life "$workshop" '{"reason":"beyond_repair"}'
ask storekeeper POST /api/v1/recycling/lots "{\"id\":\"$(uuid)\",\"site\":\"$dock\",\"category\":\"small_it\"}"
lot=$(field reference)
ask storekeeper POST "/api/v1/recycling/lots/$lot/items" "{\"code\":\"$code\"}"
ask storekeeper POST "/api/v1/recycling/lots/$lot/close" '{"weight_grams":6800}'
ask recycler POST "/api/v1/recycling/lots/$lot/collect" '{"carrier":"Transports Mistral Blanc","operator":"Éco-organisme","reference":"BON-1"}'
ask recycler GET "/api/v1/devices/$code"
done_ "lot $lot enlevé, équipement $code : $(field status)"

say "Le journal du premier"
ask auditor GET "/api/v1/devices/$laptop/journal"
grep -o '"event":"[^"]*"' "$work/body" | cut -d'"' -f4 | tr '\n' ' '
printf '\n\nVoir %s/p/%s, et vérifier : rebond verify --dir %s\n' "$url" "$laptop" "$demo"
