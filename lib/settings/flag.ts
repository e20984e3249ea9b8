import * as z from 'zod';

/** Yes or no; of text 'true' or 'false', as environment variables and flow files bring it. Any other text is refused, not taken for yes. */
export const flag = () =>
  z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false');
