// The bare Worker: it receives the rows of a tenant in one request and sends them to D1 in one batch. It has no authentication.
export default {
  async fetch(request, { DB, INSERTS }) {
    const rows = await request.json();
    await DB.batch(rows.map(([insert, values]) => DB.prepare(INSERTS[insert]).bind(...values)));
    return new Response("done");
  },
};
