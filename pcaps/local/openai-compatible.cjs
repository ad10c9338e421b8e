// The openai package pointed at a server of one's own.
const {OpenAI} = require('openai');

(async () => {
  const client = new OpenAI({apiKey: 'none', baseURL: process.argv[2], maxRetries: 0});
  const question = {model: 'lab-model', messages: [{role: 'user', content: 'Please describe a quiet room.'}]};
  const stream = await client.chat.completions.create({...question, stream: true});
  let pieces = 0;
  for await (const chunk of stream) pieces += chunk.choices.length;
  if (pieces < 10) throw new Error(`only ${pieces} pieces`);
  await client.chat.completions.create(question);
})();
