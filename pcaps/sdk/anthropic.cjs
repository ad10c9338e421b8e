// Messages streamed, with a document, and whole, by the vendor's own package.
const Anthropic = require('@anthropic-ai/sdk');

(async () => {
  const client = new Anthropic({apiKey: 'lab', maxRetries: 0});
  const model = 'claude-3-5-haiku-latest', max_tokens = 64;
  const question = {type: 'text', text: 'Please describe a quiet room.'};
  const text = await client.messages.stream({model, max_tokens, messages: [{role: 'user', content: [question]}]}).finalText();
  if (!text.includes('quiet shelf')) throw new Error('no answer');

  const data = 'A line of notes that means nothing in particular.\n'.repeat(200);
  const document = {type: 'document', source: {type: 'text', media_type: 'text/plain', data}};
  await client.messages.create({model, max_tokens, messages: [{role: 'user', content: [document, question]}]});
})();
