/**
 * G_f (theta_f): inputs to features, the map that should make the domains look alike while the classes stay apart.
 *
 * x [N, ...] (images [N, C, H, W], signals [N, C, T], rows [N, D]) to features [N, F]. Its last layer is where the
 * gradient reversal sits (JMLR 17, figure 1 and figure 4).
 */
import type { Layer } from "../nn/layer.ts";
import { sequential } from "../nn/sequential.ts";

/** The part named `featureExtractor`; the last of `layers` yields the features. */
export const featureExtractor = (layers: readonly Layer[]): Layer => sequential("featureExtractor", layers);
