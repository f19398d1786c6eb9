#ifndef SPECIAL_H
#define SPECIAL_H
/*
 * Distributions and the functions behind them. Relative error about 1e-11 for
 * degrees of freedom up to 1,000, less than 1e-6 up to 1e7. Arguments outside
 * the stated range give NaN; df may be infinite for t.
 */

double normal_cdf(double z);
double normal_quantile(double p); /* 0 < p < 1 */

double student_t_sf(double t, double df);       /* upper tail P(T > t), df > 0 */
double student_t_quantile(double p, double df); /* 0 < p < 1 */

double beta_inc(double a, double b, double x); /* regularised I_x(a,b), a, b > 0, x in [0,1] */
double chi2_sf(double x, double df);           /* upper tail; 1 for x <= 0 */

double log_gamma(double x); /* x > 0; thread-safe, lgamma is not */
double digamma(double x);   /* x > 0 */

/* Differential entropy of Beta(a,b) in nats: 0 for the uniform, negative for the rest. */
double beta_entropy(double a, double b);

#endif
