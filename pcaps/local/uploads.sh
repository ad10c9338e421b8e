#!/bin/bash
# Uploads in pieces, each over a connection of its own, in clear: a letter by tus, the same as a DOCX by
# Content-Range with its second piece first, and by the vendors' packages: for S3 in parts at once, each
# in the frame of chunks that it puts around what it sends, for Azure in blocks from the last to the first, for
# tus with the first piece in what creates the upload, and the letter as it is for Google. Then the letter by
# Content-Range with its first piece sent twice, and by the IETF's draft: the connection breaks, and the rest
# goes where an interim answer said. What they hold of a patient, who is made up, is cut by the border of two
# pieces.
. "$(dirname "$0")/../lib/lab.sh"

lab_begin
lab_client laptop 10.20.0.10
lab_site storage.corp.example 10.20.0.1
lab_dns
lab_in_net node "$lab_lib/storage_server.mjs" 8000 >"$lab_dir/storage.log" 2>&1 &
lab_wait_tcp 8000
letter='MRN: 00483920. Name: Ada Example. Date of birth: 12/03/1987. National insurance NY-19-63-81-B.'
printf '%s\n' "$letter" >"$lab_dir/letter.txt"
mkdir -p "$lab_dir/docx/word"
cat >"$lab_dir/docx/[Content_Types].xml" <<'XML'
<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>
XML
{
  printf '<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
  printf '<w:p><w:r><w:t>%s</w:t></w:r></w:p>' "$letter"
  seq -f '<w:p><w:r><w:t>Line %g</w:t></w:r></w:p>' 1 5000
  printf '</w:body></w:document>'
} >"$lab_dir/docx/word/document.xml"
(cd "$lab_dir/docx" && zip -qX ../letter.docx '[Content_Types].xml' word/document.xml)

piece() { tail -c +$(($2 + 1)) "$lab_dir/$1" | head -c "$3"; } # FILE FROM BYTES

lab_capture
at=http://storage.corp.example:8000
for from in 0 9 70; do
  piece letter.txt $from $((from == 0 ? 9 : from == 9 ? 61 : 1000)) |
    lab_curl laptop -X PATCH -H 'tus-resumable: 1.0.0' -H "upload-offset: $from" \
      -H 'content-type: application/offset+octet-stream' --data-binary @- $at/files/24e533e0
done
total=$(stat -c %s "$lab_dir/letter.docx")
for from in 5000 0 10000; do
  to=$((from == 10000 ? total - 1 : from + 4999))
  piece letter.docx $from 5000000 | head -c $((to - from + 1)) |
    lab_curl laptop -X PUT -H "content-range: bytes $from-$to/$total" \
      --data-binary @- -H 'content-type: application/octet-stream' $at/drive/letter.docx
done
for service in s3 azure tus; do
  lab_node laptop "${lab_script%.sh}.cjs" $at "$lab_dir/letter.docx" $service
done
lab_node laptop "${lab_script%.sh}.cjs" $at "$lab_dir/letter.txt" google
total=$(stat -c %s "$lab_dir/letter.txt")
for from in 0 0 61; do
  to=$((from == 0 ? 60 : total - 1))
  piece letter.txt $from $((to - from + 1)) |
    lab_curl laptop -X PUT -H "content-range: bytes $from-$to/$total" \
      --data-binary @- -H 'content-type: text/plain' $at/drive/again.txt
done
# It says more than it sends, and gives up.
piece letter.txt 0 61 | lab_on laptop timeout 2 curl -s -X POST -H 'upload-complete: ?1' -H 'expect:' \
  -H 'content-type: text/plain' -H "content-length: $total" --data-binary @- $at/project && lab_fail "it did not break"
piece letter.txt 61 1000 | lab_curl laptop -X PATCH -H 'upload-offset: 61' -H 'upload-complete: ?1' \
  -H 'content-type: application/partial-upload' --data-binary @- $at/resumed/letter
lab_finish storage.corp.example
