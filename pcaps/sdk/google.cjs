// Streamed content and an upload, by the vendor's own package.
const {GoogleGenAI} = require('@google/genai');

(async () => {
  const client = new GoogleGenAI({apiKey: 'lab'});
  const stream = await client.models.generateContentStream({model: 'gemini-2.0-flash', contents: 'Please describe a quiet room.'});
  let pieces = 0;
  for await (const chunk of stream) pieces += chunk.candidates.length;
  if (pieces < 10) throw new Error(`only ${pieces} pieces`);

  const notes = new Blob(['A line of notes that means nothing in particular.\n'.repeat(300)], {type: 'text/plain'});
  const file = await client.files.upload({file: notes, config: {mimeType: 'text/plain'}});
  if (!file.uri) throw new Error('the upload failed');
})();
