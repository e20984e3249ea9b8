import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { checkDiscriminator } from '../golden/gan/gan-goldens.ts';

await checkDiscriminator(loadTensorflow, 1e-4);
