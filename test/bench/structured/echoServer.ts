import type { AddressInfo } from 'node:net';
import express from 'express';

const app = express();
app.use(express.json());
app.patch('/echo/:id', (request, response) => {
  response.json(request.body);
});
const server = app.listen(0, '127.0.0.1', (error) => {
  if (error) throw error;
  const { port } = server.address() as AddressInfo;
  console.log(`The echo is listening on http://127.0.0.1:${port}`);
});
