// Heights above the datum: contours and colours by height.

// The shading frame is flat; the earth falls away from its plane by d² / 2R.
float heightAt(vec3 position) {
    vec2 fromAnchor = view.heights.xy + position.xy;
    return view.heights.z + position.z + dot(fromAnchor, fromAnchor) * view.heights.w;
}

vec3 colorOfHeight(float meters) {
    vec3 color = view.heightRamp[0].rgb;
    for (int i = 1; i < MATOU_HEIGHT_STOPS; ++i)
        color = mix(color, view.heightRamp[i].rgb, clamp((meters - view.heightRamp[i - 1].w) / (view.heightRamp[i].w - view.heightRamp[i - 1].w), 0.0, 1.0));
    return color;
}

// Coverage of a contour line at this pixel; every fifth is stronger. Lines that come closer than three pixels fade, and on a
// plane that is level there is none, however near a contour it lies.
float contourAt(float meters, float interval, vec3 position) {
    float perPixel = fwidth(meters);
    float across = length(fwidth(position.xy));
    float slope = perPixel / max(across, 1e-6);
    float number = meters / interval;
    float off = abs(fract(number + 0.5) - 0.5) * interval / max(perPixel, 1e-6); // pixels
    bool major = abs(fract(round(number) / 5.0 + 0.1) - 0.1) < 0.05;
    float line = clamp((major ? 1.15 : 0.65) + 0.5 - off, 0.0, 1.0) * (major ? 0.95 : 0.75);
    return line * smoothstep(1e-4, 4e-4, slope) * (1 - smoothstep(0.25, 0.45, perPixel / (major ? interval * 5 : interval)));
}
