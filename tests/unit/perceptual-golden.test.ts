import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { checkVgg19 } from '../golden/gan/gan-goldens.ts';

await checkVgg19(loadTensorflow, 1e-4);
