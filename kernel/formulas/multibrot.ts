import { imaginaryOfProduct, imaginaryOfSquare, realOfProduct, realOfSquare, Step } from '../step';

/*
 * z to the power + c, for powers 2 to 8, a class each, by products of lower powers: 3 = 2 + 1, 4 = 2 + 2, 5 = 4 + 1, 6 = 4 + 2, 7 = 6 + 1, 8 = 4 + 4.
 */

@inline function re2(x: v128, y: v128): v128 { return realOfSquare(x, y); }
@inline function im2(x: v128, y: v128): v128 { return imaginaryOfSquare(x, y); }
@inline function re3(x: v128, y: v128): v128 { return realOfProduct(re2(x, y), im2(x, y), x, y); }
@inline function im3(x: v128, y: v128): v128 { return imaginaryOfProduct(re2(x, y), im2(x, y), x, y); }
@inline function re4(x: v128, y: v128): v128 { return realOfSquare(re2(x, y), im2(x, y)); }
@inline function im4(x: v128, y: v128): v128 { return imaginaryOfSquare(re2(x, y), im2(x, y)); }
@inline function re5(x: v128, y: v128): v128 { return realOfProduct(re4(x, y), im4(x, y), x, y); }
@inline function im5(x: v128, y: v128): v128 { return imaginaryOfProduct(re4(x, y), im4(x, y), x, y); }
@inline function re6(x: v128, y: v128): v128 { return realOfProduct(re4(x, y), im4(x, y), re2(x, y), im2(x, y)); }
@inline function im6(x: v128, y: v128): v128 { return imaginaryOfProduct(re4(x, y), im4(x, y), re2(x, y), im2(x, y)); }
@inline function re7(x: v128, y: v128): v128 { return realOfProduct(re6(x, y), im6(x, y), x, y); }
@inline function im7(x: v128, y: v128): v128 { return imaginaryOfProduct(re6(x, y), im6(x, y), x, y); }
@inline function re8(x: v128, y: v128): v128 { return realOfSquare(re4(x, y), im4(x, y)); }
@inline function im8(x: v128, y: v128): v128 { return imaginaryOfSquare(re4(x, y), im4(x, y)); }

/** The derivative of a power is so many times the power below. */
@inline function times(power: f64, product: v128): v128 { return f64x2.mul(f64x2.splat(power), product); }

export class Power2 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re2(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im2(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(2, realOfProduct(x, y, vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(2, imaginaryOfProduct(x, y, vx, vy)); }
}

export class Power3 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re3(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im3(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(3, realOfProduct(re2(x, y), im2(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(3, imaginaryOfProduct(re2(x, y), im2(x, y), vx, vy)); }
}

export class Power4 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re4(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im4(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(4, realOfProduct(re3(x, y), im3(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(4, imaginaryOfProduct(re3(x, y), im3(x, y), vx, vy)); }
}

export class Power5 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re5(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im5(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(5, realOfProduct(re4(x, y), im4(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(5, imaginaryOfProduct(re4(x, y), im4(x, y), vx, vy)); }
}

export class Power6 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re6(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im6(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(6, realOfProduct(re5(x, y), im5(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(6, imaginaryOfProduct(re5(x, y), im5(x, y), vx, vy)); }
}

export class Power7 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re7(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im7(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(7, realOfProduct(re6(x, y), im6(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(7, imaginaryOfProduct(re6(x, y), im6(x, y), vx, vy)); }
}

export class Power8 extends Step {
  @inline nextX(x: v128, y: v128, cx: v128): v128 { return f64x2.add(re8(x, y), cx); }
  @inline nextY(x: v128, y: v128, cy: v128): v128 { return f64x2.add(im8(x, y), cy); }
  @inline pushX(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(8, realOfProduct(re7(x, y), im7(x, y), vx, vy)); }
  @inline pushY(x: v128, y: v128, vx: v128, vy: v128): v128 { return times(8, imaginaryOfProduct(re7(x, y), im7(x, y), vx, vy)); }
}
