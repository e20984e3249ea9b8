import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { checkLosses } from '../golden/gan/gan-goldens.ts';

await checkLosses(loadTensorflow, 1e-4);
