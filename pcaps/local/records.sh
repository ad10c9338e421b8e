#!/bin/bash
# Records of people on their way to a model server of one's own in clear, by curl: a patient's in a chat,
# a payslip and a number that says nothing alone as files. All of them are made up.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site gateway.corp.example 10.20.0.1
lab_dns
lab_ai_server 8000
cat >"$lab_dir/payslip.txt" <<'TEXT'
Entgeltabrechnung März 2026        Personalnummer 4711
Ada Beispiel                       Geburtsdatum: 12.03.1987
Gesamtbrutto 4.100,00              Steuerklasse 1
Lohnsteuer 612,00                  Krankenversicherung 334,15
Rentenversicherung 381,30          Auszahlungsbetrag 2.648,02
TEXT
echo 'Date of birth: 12/03/1987' >"$lab_dir/date.txt"
lab_capture
lab_curl laptop -H 'content-type: application/json' \
  -d '{"model":"lab","messages":[{"role":"user","content":"Summarise.\nMRN: 00483920\nName: Ada Example\nDate of birth: 12/03/1987\nNational insurance NY-19-63-81-B"}]}' \
  http://gateway.corp.example:8000/v1/chat/completions
for file in payslip date; do
  lab_curl laptop -F purpose=user_data -F "file=@$lab_dir/$file.txt;type=text/plain" \
    http://gateway.corp.example:8000/v1/files
done
lab_finish gateway.corp.example
