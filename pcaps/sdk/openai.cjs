// A streamed chat, an upload and an embedding, by the vendor's own package.
const {OpenAI, toFile} = require('openai');

(async () => {
  const client = new OpenAI({apiKey: 'sk-lab', maxRetries: 0});
  const stream = await client.chat.completions.create({
    model: 'gpt-4o-mini', stream: true, messages: [{role: 'user', content: 'Please describe a quiet room.'}],
  });
  let pieces = 0;
  for await (const chunk of stream) pieces += chunk.choices.length;
  if (pieces < 10) throw new Error(`only ${pieces} pieces`);

  const notes = Buffer.from('A line of notes that means nothing in particular.\n'.repeat(300));
  const file = await client.files.create({file: await toFile(notes, 'notes.txt'), purpose: 'assistants'});
  if (file.bytes < notes.length) throw new Error('the upload is short');

  await client.embeddings.create({model: 'text-embedding-3-small', input: 'a quiet room', encoding_format: 'float'});
})();
