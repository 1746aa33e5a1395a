import { z } from 'zod';

// zod tries `new Function` where it may; the page's Content-Security-Policy forbids it and would report the attempt.
// Imported before any schema is made, since an object's schema asks when it is made.
z.config({ jitless: true });
