/** What may be there at once: asking a promise for it would cost a turn of the event loop's reactions. */
export type Eventual<T> = T | Promise<T>;
