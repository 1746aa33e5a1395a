# The server with the notes app. Node runs the TypeScript as it is; only the page is built.
FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY client-sdk/package.json client-sdk/
COPY server/package.json server/
COPY examples/notes/package.json examples/notes/

FROM packages AS page
# Without scripts: they would install the Node that this image already is.
RUN npm ci --ignore-scripts
COPY tsconfig.base.json ./
COPY client-sdk client-sdk
COPY examples/notes examples/notes
RUN node node_modules/vite/bin/vite.js build examples/notes

FROM packages
RUN npm ci --ignore-scripts --omit=dev && npm cache clean --force && install -d -o node -g node /data
COPY client-sdk client-sdk
COPY server server
COPY examples/notes/application.ts examples/notes/note.ts examples/notes/
COPY --from=page /app/examples/notes/dist examples/notes/dist
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 WEFT_STORE=sqlite:/data/weft.db
USER node
VOLUME /data
EXPOSE 8080
CMD ["node", "--conditions=weft-source", "server/src/main.ts", "examples/notes/application.ts"]
